import type { SectionContext } from '../../section.ts'
import type { User } from '../../system/system.ts'
import type { MountedDirectory } from './plan.ts'

/**
 * Directories at or below a user's home that the mount stage made, and which are root's until the account exists.
 * A home at the top of the root claims nothing.
 */
export function mountedInHome(
  { sysroot, state, system }: SectionContext,
  { home }: User,
): MountedDirectory[] {
  if (!home.startsWith('/')) return []
  const top = sysroot.follow(home)
  if (top === sysroot.follow('/')) return []
  return state.notatedDirectories.flatMap((directory) => {
    const target = sysroot.follow(directory)
    const existing = target === top || target.startsWith(`${top}/`) ? system.files.lstat(target) : undefined
    return existing?.type === 'directory' ? [{ target, existing }] : []
  })
}
