import {
  type BlockDevice,
  kernelSectorBytes,
  readBlockDevice,
  readKernelPartitions,
} from '../../block/sysfs.ts'
import type { UseOf } from '../../block/usage.ts'
import { nodeOf } from '../../block/wait.ts'
import type { System } from '../../system/system.ts'
import type { KernelView } from './plan.ts'

/** The partitions of a disk as the kernel has them, in logical sectors: its own, or the device mapper's. */
export async function readKernelView(
  system: System,
  disk: BlockDevice,
  useOf: UseOf,
): Promise<ReadonlyMap<number, KernelView>> {
  const { files } = system
  const ratio = disk.logicalSectorBytes / kernelSectorBytes
  const found =
    disk.mapperName === undefined
      ? readKernelPartitions(files, disk.node)
      : await readMapperPartitions(system, disk.mapperName)
  return new Map(
    found.map(({ node, number, start, size }) => {
      const device = readBlockDevice(files, node)
      return [number, { start: start / ratio, size: size / ratio, use: device && useOf(device) }]
    }),
  )
}

const linkDirectory = '/dev/disk/by-id'

/** Partitions of a device mapper's device are devices of their own, by name: `mpatha` has `mpathap1`. */
async function readMapperPartitions(system: System, name: string) {
  const { files } = system
  const prefix = `dm-name-${name}p`
  const links = files.stat(linkDirectory) ? files.list(linkDirectory) : []
  const partitions: { node: string; number: number; start: number; size: number }[] = []
  for (const link of links) {
    const number = link.startsWith(prefix) ? Number(link.slice(prefix.length)) : Number.NaN
    if (!Number.isInteger(number)) continue
    const { stdout } = await system.run('dmsetup', ['table', `${linkDirectory}/${link}`])
    // `0 SIZE linear DEVICE START`, see dmsetup(8).
    const [, size, kind, , start] = stdout.trim().split(' ')
    if (kind !== 'linear') continue
    partitions.push({
      node: nodeOf(files, `${linkDirectory}/${link}`),
      number,
      start: Number(start),
      size: Number(size),
    })
  }
  return partitions
}
