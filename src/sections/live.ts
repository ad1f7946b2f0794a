import { IgnitionError } from '../errors.ts'
import type { SectionContext } from '../section.ts'

/**
 * Whether a part of the config is left out because it cannot be applied to a running system. Throws `FL_UNSUPPORTED`
 * unless leaving out is allowed.
 */
export function refuseLive(
  { mode, ignoreUnsupported }: SectionContext,
  what: 'disk' | 'filesystems' | 'kargs',
): boolean {
  if (mode === 'boot') return false
  if (ignoreUnsupported) return true
  throw new IgnitionError({
    code: 'FL_UNSUPPORTED',
    message: `cannot apply ${what} modifications live: they are made only while booting; use --ignore-unsupported`,
  })
}
