import { basename, dirname } from 'node:path/posix'
import { createPathResolver } from '../system/path-resolver.ts'
import type { Files } from '../system/system.ts'
import type { Extent } from './signatures-at.ts'
import { kernelSectorBytes } from './sysfs.ts'

/** What the kernel knows a disk by, where its driver tells: NVMe, SCSI, virtio, MMC. */
const serialFiles = ['wwid', 'device/wwid', 'serial', 'device/serial', 'device/cid'] as const

/**
 * A device by what it is and not by its name, which may be another disk's at the next boot: the disk by its serial number
 * or its place in the hardware, the sectors of a partition, the devices below a volume or an array.
 */
export function identityOf(files: Files, node: string): string {
  const path = `/sys/class/block/${basename(node)}`
  if (!files.stat(path)) return node
  const line = (name: string) =>
    files.stat(`${path}/${name}`)?.type === 'file' ? files.readText(`${path}/${name}`).trim() : ''
  const slaves = files.stat(`${path}/slaves`) ? files.list(`${path}/slaves`) : []
  if (slaves.length > 0)
    return `[${slaves
      .map((name) => identityOf(files, `/dev/${name}`))
      .sort()
      .join(' ')}]`
  const place = createPathResolver(files, '').follow(path)
  if (line('partition') !== '') {
    const disk = identityOf(files, `/dev/${basename(dirname(place))}`)
    return `${disk}${sectors(Number(line('start')), Number(line('size')))}`
  }
  const serial = serialFiles.map(line).find((text) => text !== '')
  return `${serial === undefined ? placeInHardware(place) : `serial:${serial}`}/${line('size')}`
}

/** `/sys/devices/pci0000:00/…/block/sda` without the name that the kernel counted up. */
const placeInHardware = (path: string) =>
  path.includes('/virtual/') ? path : path.slice(0, path.lastIndexOf('/block/'))

const sectors = (start: number, size: number) => `@${start}+${size}`

/** What a partition will be that a disk does not have yet. */
export const extentIdentity = (files: Files, { disk, startBytes, sizeBytes }: Extent): string =>
  `${identityOf(files, disk)}${sectors(startBytes / kernelSectorBytes, sizeBytes / kernelSectorBytes)}`
