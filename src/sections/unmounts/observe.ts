import type { SectionContext } from '../../section.ts'
import { readMountTable } from '../../system/mount-table.ts'
import { targetOf } from '../mounts/observe.ts'
import { mountablesOf } from '../mounts/plan.ts'
import type { UnmountsFacts } from './plan.ts'

/** Looks which of the config's filesystems are mounted: in the new root's own words, or through its links. */
export function observeUnmounts({ system, config, root, sysroot }: SectionContext): UnmountsFacts {
  const mounted = new Set(readMountTable(system.files).map(({ path }) => path))
  return new Map(
    mountablesOf(config).map(({ path }) => [
      path,
      [targetOf(root, path), sysroot.resolve(path)].find((target) => mounted.has(target)),
    ]),
  )
}
