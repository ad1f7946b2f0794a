import type { Disk, Partition } from './case.ts'

/** Bytes of a sector, the unit of every size in a case. */
export const SECTOR_BYTES = 512
/** The first sector that a GPT leaves to partitions, and the sectors of its backup at the end. */
const FIRST_USABLE = 34
const BACKUP_SECTORS = 33

const typeGuids: Readonly<Record<string, string>> = {
  'coreos-resize': '3884DD41-8582-4404-B9A8-E9B84F2DF50E',
  'coreos-rootfs': '5DFBF5F4-2848-4BAC-AA5E-0D9A20B745A6',
  'coreos-reserved': 'C95DC21A-DF0E-4340-8D7B-26CBFA9A03E0',
  data: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  bios: '21686148-6449-6E6F-744E-656564454649',
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
}

export interface Placed {
  readonly partition: Partition
  readonly number: number
  /** In sectors. */
  readonly start: number
  readonly sectors: number
}

/** `sectors`, or the next multiple of `alignment` above it. */
function align(sectors: number, alignment: number): number {
  return Math.ceil(sectors / alignment) * alignment
}

/** The GUID of a partition's type, when the case names one. */
export function typeGuidOf({ TypeCode = '', TypeGUID }: Partition): string | undefined {
  return TypeGUID ?? typeGuids[TypeCode]
}

/** Where each partition of a disk lies. A blank one only takes up room. */
export function place({ Alignment, Partitions = [] }: Disk): Placed[] {
  let next = align(FIRST_USABLE, Alignment)
  const all = Partitions.map((partition) => {
    const start = next
    const sectors = align(partition.Length, Alignment)
    next = start + sectors
    return { partition, number: partition.Number ?? 0, start, sectors }
  })
  return all.filter(({ partition }) => partition.TypeCode !== 'blank')
}

/** The size in bytes of an image that holds a disk as it is before and as it is to be after. */
export function imageBytes(before: Disk, after: Disk): number {
  const sectorsOf = ({ Alignment, Partitions = [] }: Disk) =>
    align(FIRST_USABLE + 29, Alignment) +
    Partitions.reduce((sum, { Length }) => sum + align(Length, Alignment), 0) +
    BACKUP_SECTORS
  return Math.max(sectorsOf(before), sectorsOf(after)) * SECTOR_BYTES
}
