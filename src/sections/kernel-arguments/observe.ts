import { requirePrograms } from '../../block/require.ts'
import type { SectionContext } from '../../section.ts'

/** Whether there is a helper is all that can be known: only it knows where the arguments are kept. */
export function observeKernelArguments({ system }: SectionContext): undefined {
  requirePrograms(system, ['ignition-kargs-helper'], 'changing kernel arguments')
}
