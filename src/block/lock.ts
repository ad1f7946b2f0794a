import { dirname } from 'node:path/posix'
import { waitFor } from '../system/explained-wait.ts'
import { createPathResolver } from '../system/path-resolver.ts'
import { quote } from '../system/quote.ts'
import type { Files, System } from '../system/system.ts'
import { waits } from '../system/waits.ts'

/** Disks that this process has locked, how often, and how to give them back. */
const held = new Map<string, { count: number; readonly release: () => void }>()

const pollSeconds = 0.05

/**
 * Does a piece of work on partitions while their disks are locked, as <https://systemd.io/BLOCK_DEVICE_LOCKING/> has it:
 * udev leaves a locked disk alone, and does not have the kernel read its table again, at which the nodes of partitions go
 * and come back. Devices without a table above them need no lock. A program that locks the disk itself would wait for
 * ever: mkfs.btrfs locks the device that it is given, hence none for whole disks.
 */
export async function whileLocked<T>(
  system: System,
  nodes: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const disks = [...new Set(nodes.flatMap((node) => diskOf(system.files, node) ?? []))].sort()
  const taken: string[] = []
  try {
    for (const disk of disks) if (await take(system, disk)) taken.push(disk)
    return await work()
  } finally {
    for (const disk of taken) giveBack(disk)
  }
}

/** The disk of a partition; undefined for all other devices. */
function diskOf(files: Files, node: string): string | undefined {
  const place = createPathResolver(files, '').follow(
    `/sys/class/block/${node.slice(node.lastIndexOf('/') + 1)}`,
  )
  if (!files.stat(`${place}/partition`)) return undefined
  const disk = dirname(place)
  return `/dev/${disk.slice(disk.lastIndexOf('/') + 1)}`
}

async function take(system: System, disk: string): Promise<boolean> {
  const isHeld = await waitFor(system, {
    owner: 'disk lock',
    what: `the lock of ${quote(disk)}`,
    seconds: waits['disk lock'].limit.seconds,
    everySeconds: pollSeconds,
    look() {
      const own = held.get(disk)
      if (own) own.count += 1
      const release = own ? undefined : system.files.lock(disk)
      if (release) held.set(disk, { count: 1, release })
      return own || release ? true : undefined
    },
    found: () => 'somebody else has locked it',
  })
  if (isHeld) return true
  system.log('notice', `somebody has locked ${quote(disk)}; going on without the lock`)
  return false
}

function giveBack(disk: string): void {
  const own = held.get(disk)
  if (!own) return
  own.count -= 1
  if (own.count > 0) return
  held.delete(disk)
  own.release()
}
