import type { SectionContext } from '../section.ts'
import { askTangServers } from '../sections/luks/observe.ts'
import { checkAccountPrograms } from './accounts.ts'
import { checkKernel } from './kernel.ts'
import { checkNames } from './names.ts'
import { requireAllPrograms } from './programs.ts'
import type { Unknown } from './record.ts'

/** Looks at all that the stages of this boot need, and changes nothing. Throws what is wrong; returns what stays open. */
export async function foresee(context: SectionContext): Promise<readonly Unknown[]> {
  requireAllPrograms(context)
  const open = [...checkAccountPrograms(context), ...checkNames(context), ...(await checkKernel(context))]
  await askTangServers(context)
  return open
}
