import { crc32 } from 'node:zlib'

/** One entry of a GUID partition table. */
export interface PartitionEntry {
  readonly number: number
  readonly label: string
  /** Upper case. */
  readonly guid: string
  /** Upper case. */
  readonly typeGuid: string
  /** In logical sectors. */
  readonly start: number
  /** In logical sectors. */
  readonly size: number
}

/** Reads bytes of a disk; fewer at its end. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

export interface DiskGeometry {
  readonly sectorBytes: number
  readonly sizeSectors: number
}

/** Offsets as in UEFI 2.10, 5.3.2 "GPT Header": https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html */
const signature = 'EFI PART'
const smallestHeaderBytes = 92

/** Larger tables than this are nonsense: 4096 entries of 512 bytes. */
const largestTableBytes = 4096 * 512

/**
 * The partitions of a disk, from the first header whose checksums are right, its table's too: the primary one or the
 * backup at the end of the disk. Undefined when neither is.
 */
export function parseGpt(read: ReadBytes, geometry: DiskGeometry): readonly PartitionEntry[] | undefined {
  return parseGptTable(read, geometry)?.partitions
}

/** A table with what its header says; in logical sectors. */
export interface GptTable {
  readonly partitions: readonly PartitionEntry[]
  /** The first and the last sector that partitions may use. */
  readonly usable: { readonly first: number; readonly last: number }
}

/** As `parseGpt`, with the place that there is for partitions. */
export function parseGptTable(read: ReadBytes, geometry: DiskGeometry): GptTable | undefined {
  return readTable(read, geometry, 1) ?? readTable(read, geometry, geometry.sizeSectors - 1)
}

function readTable(
  read: ReadBytes,
  { sectorBytes, sizeSectors }: DiskGeometry,
  sector: number,
): GptTable | undefined {
  if (sector < 1) return undefined
  const header = view(read(sector * sectorBytes, sectorBytes))
  if (header.length < smallestHeaderBytes || header.toString('latin1', 0, 8) !== signature) return undefined
  const headerBytes = header.readUInt32LE(12)
  if (headerBytes < smallestHeaderBytes || headerBytes > header.length) return undefined
  const unsigned = Buffer.from(header.subarray(0, headerBytes))
  unsigned.fill(0, 16, 20)
  if (crc32(unsigned) !== header.readUInt32LE(16)) return undefined
  if (Number(header.readBigUInt64LE(24)) !== sector) return undefined
  const entryCount = header.readUInt32LE(80)
  const entryBytes = header.readUInt32LE(84)
  const tableBytes = entryCount * entryBytes
  if (entryBytes < 128 || tableBytes > largestTableBytes) return undefined
  const tableSector = Number(header.readBigUInt64LE(72))
  if (tableSector >= sizeSectors) return undefined
  const table = view(read(tableSector * sectorBytes, tableBytes))
  if (table.length < tableBytes || crc32(table) !== header.readUInt32LE(88)) return undefined
  const partitions = Array.from({ length: entryCount }, (_, index) =>
    parseEntry(table.subarray(index * entryBytes, (index + 1) * entryBytes), index + 1),
  ).filter(({ typeGuid }) => typeGuid !== unused)
  const usable = { first: Number(header.readBigUInt64LE(40)), last: Number(header.readBigUInt64LE(48)) }
  return { partitions, usable }
}

const unused = '00000000-0000-0000-0000-000000000000'

function parseEntry(entry: Buffer, number: number): PartitionEntry {
  const start = Number(entry.readBigUInt64LE(32))
  return {
    number,
    label: entry.toString('utf16le', 56, 128).split('\0')[0] ?? '',
    guid: parseGuid(entry.subarray(16, 32)),
    typeGuid: parseGuid(entry.subarray(0, 16)),
    start,
    size: Number(entry.readBigUInt64LE(40)) - start + 1,
  }
}

/** The first three groups are little-endian. */
function parseGuid(bytes: Buffer): string {
  const groups = [
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8, 10),
    bytes.subarray(10, 16),
  ]
  return groups
    .map((group) => group.toString('hex'))
    .join('-')
    .toUpperCase()
}

const view = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
