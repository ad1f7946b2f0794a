import type { SectionContext } from '../section.ts'
import { checkAccountPrograms } from './accounts.ts'
import { checkKernel } from './kernel.ts'
import { checkNames } from './names.ts'
import { checkPaths } from './paths.ts'
import { requireAllPrograms } from './programs.ts'
import type { Unknown } from './record.ts'

/** What takes no time: programs, the kernel, names, paths. Throws what is wrong; returns what only the new root tells. */
export async function check(context: SectionContext): Promise<readonly Unknown[]> {
  requireAllPrograms(context)
  checkPaths(context.config)
  return [...checkAccountPrograms(context), ...checkNames(context), ...(await checkKernel(context))]
}
