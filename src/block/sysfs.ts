import { basename } from 'node:path/posix'
import type { Files } from '../system/system.ts'

/** Sectors of sysfs are 512 bytes whatever the device's are: https://docs.kernel.org/block/stat.html */
export const kernelSectorBytes = 512

/** A block device as sysfs shows it. */
export interface BlockDevice {
  /** `/dev/sda`. */
  readonly node: string
  /** `major:minor`. */
  readonly number: string
  readonly logicalSectorBytes: number
  /** In 512-byte sectors. */
  readonly sizeKernelSectors: number
  /** Names of the devices that are built on it. */
  readonly holders: readonly string[]
  /** Name of the device mapper's; undefined for other devices. */
  readonly mapperName: string | undefined
}

const classDirectory = '/sys/class/block'

const sysfsOf = (node: string) => `${classDirectory}/${basename(node)}`

/** Reads what sysfs says of a node; undefined when it does not know it. */
export function readBlockDevice(files: Files, node: string): BlockDevice | undefined {
  const path = sysfsOf(node)
  if (!files.stat(path)) return undefined
  const number = (name: string) => Number(readLine(files, `${path}/${name}`) ?? '0')
  const holders = `${path}/holders`
  return {
    node,
    number: readLine(files, `${path}/dev`) ?? '',
    // A partition has no queue of its own: it is a directory in that of its disk.
    logicalSectorBytes:
      number('queue/logical_block_size') || number('../queue/logical_block_size') || kernelSectorBytes,
    sizeKernelSectors: number('size'),
    holders: files.stat(holders) ? files.list(holders) : [],
    mapperName: readLine(files, `${path}/dm/name`),
  }
}

/** Where the kernel has a partition, in 512-byte sectors. */
export interface KernelPartition {
  readonly node: string
  readonly number: number
  readonly start: number
  readonly size: number
}

/** The partitions that the kernel knows of a disk. */
export function readKernelPartitions(files: Files, disk: string): readonly KernelPartition[] {
  const name = basename(disk)
  const path = sysfsOf(disk)
  if (!files.stat(path)) return []
  return files
    .list(path)
    .filter((entry) => entry.startsWith(name) && files.stat(`${path}/${entry}/partition`))
    .map((entry) => ({
      node: `/dev/${entry}`,
      number: Number(readLine(files, `${path}/${entry}/partition`)),
      start: Number(readLine(files, `${path}/${entry}/start`)),
      size: Number(readLine(files, `${path}/${entry}/size`)),
    }))
}

function readLine(files: Files, path: string): string | undefined {
  return files.stat(path) ? files.readText(path).trim() || undefined : undefined
}
