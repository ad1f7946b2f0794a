import type { SectionContext } from '../../section.ts'
import { fileFailure } from '../failure.ts'
import type { ResultStep } from './plan.ts'

/** Writes the result file, readable by root alone. */
export function applyResult(
  { sysroot, system, written }: SectionContext,
  { target, text }: ResultStep,
): void {
  const { files } = system
  try {
    const topmost = sysroot.makeParents(target)
    files.write(target, text, { mode: 0o600, uid: 0, gid: 0 })
    written.add(topmost ?? target)
  } catch (cause) {
    throw fileFailure({ files, action: 'write the result file', path: target, cause })
  }
}
