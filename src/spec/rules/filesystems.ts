import { isSet } from '../../secret.ts'
import type { Config } from '../config.ts'
import type { RuleId } from './catalogue.ts'
import { type Add, byteLength, type Check, check, type Scope } from './check.ts'
import { lookAtPath } from './paths.ts'

type Filesystem = Config['storage']['filesystems'][number]

/** Formats: first version, and the bytes that a label may have. */
const formats = {
  ext4: { since: '3.0.0', label: { bytes: 16, rule: 'FS-LABEL-EXT4' } },
  btrfs: { since: '3.0.0', label: { bytes: 256, rule: 'FS-LABEL-BTRFS' } },
  xfs: { since: '3.0.0', label: { bytes: 12, rule: 'FS-LABEL-XFS' } },
  swap: { since: '3.0.0', label: { bytes: 15, rule: 'FS-LABEL-SWAP' } },
  vfat: { since: '3.0.0', label: { bytes: 11, rule: 'FS-LABEL-VFAT' } },
  none: { since: '3.3.0', label: undefined },
  virtiofs: { since: '3.7.0-experimental', label: undefined },
} as const

type Format = keyof typeof formats

const isFormat = (text: string): text is Format => Object.hasOwn(formats, text)

function lookAtDisks({ disks, filesystems }: Config['storage'], add: Add): void {
  const known = new Map(disks.map((disk) => [disk.device, disk]))
  for (const [index, { device, wipeFilesystem }] of filesystems.entries()) {
    const disk = known.get(device)
    if (disk === undefined) continue
    const at = ['filesystems', index, 'device']
    if (disk.partitions.length > 0) add('FS-OVER-PARTITIONS', at)
    else if (disk.wipeTable === true && wipeFilesystem !== true) add('FS-IMPLICIT-WIPE', at)
  }
}

function lookAtFilesystem(filesystem: Filesystem, add: Add, scope: Scope): void {
  const { device, format, path } = filesystem
  const isVirtiofs = format === 'virtiofs' && scope.since(formats.virtiofs.since)
  if (isSet(path)) lookAtPath(path, add, ['path'])
  if (isVirtiofs) lookAtTag(device, add)
  else lookAtPath(device, add, ['device'])
  lookAtFormat(filesystem, add, scope)
  lookAtLabel(filesystem, add)
  if (isVirtiofs) lookAtVirtiofs(filesystem, add)
}

function lookAtTag(tag: string, add: Add): void {
  if (tag === '') add('FS-VFS-TAG-EMPTY', ['device'])
  else if (byteLength(tag) > 36) add('FS-VFS-TAG-LEN', ['device'])
}

function lookAtFormat(filesystem: Filesystem, add: Add, scope: Scope): void {
  const { format } = filesystem
  if (isSet(format)) {
    if (!isFormat(format) || !scope.since(formats[format].since)) add('FS-FORMAT', ['format'])
    return
  }
  const { path, label, uuid, wipeFilesystem, options, mountOptions } = filesystem
  const needed =
    [path, label, uuid].some(isSet) ||
    wipeFilesystem === true ||
    options.length > 0 ||
    mountOptions.length > 0
  if (needed) add('FS-FORMAT-NEEDED', ['format'])
}

function lookAtLabel({ format, label }: Filesystem, add: Add): void {
  if (!isSet(label)) return
  if (!isSet(format)) {
    add('FS-LABEL-NEEDS-FORMAT', ['label'])
    return
  }
  const limit = isFormat(format) ? formats[format].label : undefined
  if (limit !== undefined && byteLength(label) > limit.bytes) add(limit.rule satisfies RuleId, ['label'])
}

function lookAtVirtiofs({ label, uuid, wipeFilesystem, options }: Filesystem, add: Add): void {
  if (isSet(label)) add('FS-VFS-LABEL', ['label'])
  if (isSet(uuid)) add('FS-VFS-UUID', ['uuid'])
  if (wipeFilesystem === true) add('FS-VFS-WIPE', ['wipeFilesystem'])
  if (options.length > 0) add('FS-VFS-OPTIONS', ['options'])
}

export const filesystemChecks: readonly Check[] = [
  check('storage', lookAtDisks),
  check('storage.filesystems[]', lookAtFilesystem),
]
