import { type MountPoint, readMountTable } from '../system/mount-table.ts'
import { createPathResolver } from '../system/path-resolver.ts'
import { quote } from '../system/quote.ts'
import type { Files } from '../system/system.ts'
import { type BlockDevice, readBlockDevice } from './sysfs.ts'

/** Says how a device is in use, in words; undefined when it is free. */
export type UseOf = (device: BlockDevice) => string | undefined

/** Reads mounts and swap once, for a look at many devices. */
export function readUse(files: Files): UseOf {
  const paths = createPathResolver(files, '')
  const mounts = readMountTable(files).map((mount) => ({
    ...mount,
    node: mount.source.startsWith('/') ? paths.follow(mount.source) : undefined,
  }))
  const swaps = new Set(readSwaps(files).map((path) => paths.follow(path)))
  const isOf = (mount: MountPoint & { readonly node: string | undefined }, device: BlockDevice) =>
    mount.node === device.node || mount.deviceNumber === device.number
  return (device) => {
    const mount = mounts.find((each) => isOf(each, device))
    if (mount) return `mounted at ${quote(mount.path)}`
    if (swaps.has(device.node)) return 'in use as swap space'
    if (device.holders.length > 0)
      return `held by ${device.holders.map((name) => nameOf(files, name)).join(', ')}`
    return undefined
  }
}

/** Device mapper names say more than `dm-0`. */
function nameOf(files: Files, holder: string): string {
  const mapper = readBlockDevice(files, `/dev/${holder}`)?.mapperName
  return mapper === undefined ? `"/dev/${holder}"` : `"/dev/mapper/${mapper}"`
}

/** The paths in /proc/swaps: proc(5). */
function readSwaps(files: Files): readonly string[] {
  if (!files.stat('/proc/swaps')) return []
  return files
    .readText('/proc/swaps')
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s/)[0] || [])
}
