import { IgnitionError } from './errors.ts'
import { mountPointsBelow, readMountTable } from './system/mount-table.ts'
import type { System } from './system/system.ts'

/**
 * Puts on disk what was written below the new root (without a trailing slash; empty for `/`): neither whoever removes the
 * first-boot flag nor the journal of steps may be ahead of it. What is mounted in the new root has to be flushed by itself.
 * Throws `FL_FILE`.
 */
export function flushRoot({ files }: System, root: string): void {
  const mounted = root === '' ? [] : mountPointsBelow(readMountTable(files), root).map(({ path }) => path)
  for (const path of new Set([root || '/', ...mounted])) {
    // hidden by what is mounted over it: nobody has written there by that name
    if (files.stat(path) === undefined) continue
    try {
      files.sync(path)
    } catch (cause) {
      throw new IgnitionError({ code: 'FL_FILE', message: `cannot write "${path}" out to its disk`, cause })
    }
  }
}
