import type { Expansion } from './expansion.ts'
import { overlay } from './overlay.ts'
import { at, type Branch, grow, type Origin, type Tree, textAt, valueAt, withMembers } from './tree.ts'

/** Types of partitions: <https://uapi-group.org/specifications/specs/discoverable_partitions_specification/>. */
const typeGuids = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  prep: '9E1A2D38-C612-4316-AA26-8B49521E5A8B',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  // made up by CoreOS for partitions that only keep the numbers of the others the same everywhere
  reserved: '8DA63339-0007-60C0-C436-083AC8230908',
}

/** Sizes in the OS images; the new partitions must not be smaller. */
const sizesMiB = { bios: 1, prep: 4, esp: 127, reserved: 1, boot: 384 }

type Small = keyof typeof typeGuids

/** What a disk begins with, before the partitions for boot and root; undefined: cannot be mirrored. */
const layouts: ReadonlyMap<string, readonly [Small, Small] | undefined> = new Map([
  ['x86_64', ['bios', 'esp']],
  ['aarch64', ['reserved', 'esp']],
  ['ppc64le', ['prep', 'reserved']],
  ['s390x-eckd', undefined],
  ['s390x-virt', undefined],
  ['s390x-zfcp', undefined],
])

/** How the one disk of a layout of s390x must be called, and the number of its root partition. */
const wholeDisks = new Map([
  ['s390x-eckd', { name: /^\/dev\/dasd[a-z]$/, root: '2', example: '/dev/dasda' }],
  ['s390x-zfcp', { name: /^\/dev\/sd[a-z]$/, root: '4', example: '/dev/sda' }],
])

/** Makes partitions, arrays, volumes and filesystems of `boot_device`; the config's own go over them. */
export function setUpBootDevice(config: Branch, expansion: Expansion): Branch {
  const device = at(config, 'bootDevice')
  const bare = withMembers(config, { bootDevice: undefined })
  if (device?.kind !== 'branch' || !isRight(device, expansion)) return bare
  const mirror = mirrorOf(device)
  const luks = luksOf(device, mirror !== undefined)
  if (mirror === undefined && luks === undefined) return bare
  const rootDevice = luks === undefined ? '/dev/md/md-root' : '/dev/mapper/root'
  const root = { device: rootDevice, format: 'xfs', label: 'root', wipeFilesystem: true }
  const filesystems = [...(mirror?.filesystems ?? []), grow(root, device.from)]
  const storage: Record<string, Tree> = { filesystems: rowOf(filesystems, device.from) }
  if (mirror !== undefined) {
    storage['disks'] = rowOf(mirror.disks, mirror.from)
    storage['raid'] = rowOf(mirror.raid, mirror.from)
  }
  if (luks !== undefined) storage['luks'] = rowOf([luks], luks.from)
  return overlay(grow({ storage: grow(storage, device.from) }, device.from), bare)
}

const rowOf = (items: readonly Tree[], from: Origin): Tree => ({ kind: 'row', items, from })

function itemsAt(tree: Tree, ...names: readonly string[]): readonly Tree[] {
  const row = at(tree, ...names)
  return row?.kind === 'row' ? row.items : []
}

function mirrorOf(device: Branch) {
  const devices = itemsAt(device, 'mirror', 'devices')
  const small = layouts.get(textAt(device, 'layout') ?? 'x86_64')
  const from = at(device, 'mirror')?.from
  if (devices.length === 0 || small === undefined || from === undefined) return undefined
  const disks = devices.map((disk, index) => diskOf(disk, index + 1, small))
  const esps = small.includes('esp') ? devices.map((disk, index) => espOf(index + 1, disk.from)) : []
  const members = (label: string) => devices.map((_, index) => `/dev/disk/by-partlabel/${label}-${index + 1}`)
  const raid = [
    // the superblock at the end: GRUB of BIOS machines sees a plain filesystem
    { devices: members('boot'), level: 'raid1', name: 'md-boot', options: ['--metadata=1.0'] },
    { devices: members('root'), level: 'raid1', name: 'md-root' },
  ]
  const boot = { device: '/dev/md/md-boot', format: 'ext4', label: 'boot', wipeFilesystem: true }
  return {
    from,
    disks,
    raid: raid.map((array) => grow(array, from)),
    filesystems: [...esps, grow(boot, from)],
  }
}

function diskOf(disk: Tree, number: number, small: readonly [Small, Small]): Tree {
  const first = small.map((kind) => ({
    label: `${kind}-${number}`,
    sizeMiB: sizesMiB[kind],
    typeGuid: typeGuids[kind],
  }))
  const partitions = [
    ...first,
    { label: `boot-${number}`, sizeMiB: sizesMiB.boot },
    { label: `root-${number}` },
  ]
  return grow({ device: disk, partitions, wipeTable: true }, disk.from)
}

const espOf = (number: number, from: Origin): Tree =>
  grow(
    {
      device: `/dev/disk/by-partlabel/esp-${number}`,
      format: 'vfat',
      label: `esp-${number}`,
      wipeFilesystem: true,
    },
    from,
  )

function luksOf(device: Branch, mirrored: boolean): Tree | undefined {
  const luks = at(device, 'luks')
  if (luks?.kind !== 'branch' || !wantsLuks(luks)) return undefined
  const disk = wholeDisks.get(textAt(device, 'layout') ?? '')
  const below = mirrored ? '/dev/md/md-root' : '/dev/disk/by-partlabel/root'
  const { tang, threshold, tpm2 } = Object.fromEntries(luks.members)
  const unlocking = isTrue(luks, 'cex', 'enabled')
    ? { cex: at(luks, 'cex') }
    : { clevis: { ...(tang && { tang }), ...(threshold && { threshold }), ...(tpm2 && { tpm2 }) } }
  const discard = at(luks, 'discard')
  return grow(
    {
      ...unlocking,
      device: disk === undefined ? below : `${textAt(luks, 'device') ?? ''}${disk.root}`,
      ...(discard && { discard }),
      label: 'luks-root',
      name: 'root',
      wipeVolume: true,
    },
    luks.from,
  )
}

const isTrue = (tree: Tree, ...names: readonly string[]): boolean => valueAt(tree, ...names) === true

const wantsLuks = (luks: Tree): boolean =>
  isTrue(luks, 'tpm2') || itemsAt(luks, 'tang').length > 0 || isTrue(luks, 'cex', 'enabled')

/** Whether all fits together; what does not is a finding at the value that is wrong. */
function isRight(device: Branch, { variant, findings }: Expansion): boolean {
  const devices = at(device, 'mirror', 'devices')
  const isMirror = itemsAt(device, 'mirror', 'devices').length > 1
  if (devices !== undefined && isMirror && at(device, 'layout') === undefined && variant.level < 7)
    findings.add('BU-LAYOUT', devices.from)
  for (const { from, reason } of faultsOf(device, variant.level)) {
    findings.add('BU-BOOT-DEVICE', from, reason)
    return false
  }
  return true
}

function* faultsOf(device: Branch, level: number): Generator<{ from: Origin; reason: string }> {
  const layout = at(device, 'layout')
  const name = textAt(layout) ?? 'x86_64'
  const known = [...layouts.keys()].filter((each) => level >= 6 || !each.startsWith('s390x'))
  if (layout !== undefined && !known.includes(name))
    yield { from: layout.from, reason: `the layout must be one of ${known.join(', ')}` }
  yield* mirrorFaults(device, level)
  yield* luksFaults(device, level)
}

function* mirrorFaults(device: Branch, level: number) {
  const layout = at(device, 'layout')
  const devices = at(device, 'mirror', 'devices')
  const count = itemsAt(device, 'mirror', 'devices').length
  if (devices === undefined || count === 0) return
  if (count === 1) yield { from: devices.from, reason: 'a mirror needs at least two devices' }
  if (layout === undefined && level >= 7)
    yield { from: devices.from, reason: 'a mirror needs a layout, for instance `layout: x86_64`' }
  if (layout !== undefined && layouts.get(textAt(layout) ?? '') === undefined)
    yield { from: layout.from, reason: 'disks with this layout cannot be mirrored' }
}

function* luksFaults(device: Branch, level: number) {
  const layout = at(device, 'layout')
  const luks = at(device, 'luks')
  const disk = at(luks, 'device')
  const whole = wholeDisks.get(textAt(layout) ?? '')
  const from = (disk ?? luks ?? layout ?? device).from
  if (whole !== undefined && !whole.name.test(textAt(disk) ?? ''))
    yield { from, reason: `with this layout luks.device must be a whole disk like ${whole.example}` }
  if (luks === undefined) return
  if (isTrue(luks, 'cex', 'enabled')) {
    if (!(textAt(layout) ?? '').startsWith('s390x'))
      yield { from: (at(luks, 'cex') ?? luks).from, reason: 'cex needs one of the layouts of s390x' }
    if (isTrue(luks, 'tpm2') || itemsAt(luks, 'tang').length > 0)
      yield { from: (at(luks, 'cex') ?? luks).from, reason: 'cex cannot be used together with tang or tpm2' }
  }
  if (level >= 7 && disk !== undefined && !wantsLuks(luks))
    yield { from: luks.from, reason: 'a means of unlocking is needed: tang, tpm2 or cex' }
}
