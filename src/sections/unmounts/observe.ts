import type { SectionContext } from '../../section.ts'
import { readMountTable } from '../../system/mount-table.ts'
import { targetOf } from '../mounts/observe.ts'
import { mountablesOf } from '../mounts/plan.ts'
import type { UnmountsFacts } from './plan.ts'

/**
 * Looks which of the config's filesystems are mounted: in the new root's own words, or through its links. The new root
 * itself was mounted before the stages, and the boot goes on in it: only what was mounted over it counts.
 */
export function observeUnmounts({ system, config, root, sysroot }: SectionContext): UnmountsFacts {
  const mounted = readMountTable(system.files).map(({ path }) => path)
  const isMounted = (path: string) => (target: string) =>
    mounted.filter((each) => each === target).length > (path === '/' ? 1 : 0)
  return new Map(
    mountablesOf(config).map(({ path }) => [
      path,
      [targetOf(root, path), sysroot.resolve(path)].find(isMounted(path)),
    ]),
  )
}
