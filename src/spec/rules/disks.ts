import { isSet } from '../../secret.ts'
import type { Config } from '../config.ts'
import { type Add, byteLength, type Check, check } from './check.ts'
import { lookAtPath } from './paths.ts'

type Disk = Config['storage']['disks'][number]
type Partition = Disk['partitions'][number]

function lookAtDisk({ device, partitions }: Disk, add: Add): void {
  if (device === '') {
    add('DEVICE-REQUIRED', ['device'])
    return
  }
  lookAtPath(device, add, ['device'])
  const number = findRepeat(partitions.map((partition) => partition.number || undefined))
  if (number !== undefined) add('PART-NUMBER-DUP', ['partitions', number])
  const overlap = findOverlap(partitions)
  if (overlap !== undefined) add('PART-OVERLAP', ['partitions', overlap])
  const label = findRepeat(partitions.map((partition) => partition.label))
  if (label !== undefined) add('PART-LABEL-DUP', ['partitions', label])
}

/** Index of the first value that stood before; undefined ones do not count. */
function findRepeat(values: readonly (string | number | bigint | undefined)[]): number | undefined {
  const seen = new Set<string | number | bigint>()
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    if (seen.has(value)) return index
    seen.add(value)
  }
  return undefined
}

/** First and last MiB; undefined when the config leaves one of them open. */
interface Extent {
  readonly start: bigint
  readonly end: bigint
}

function extentOf({ startMiB, sizeMiB }: Partition): Extent | undefined {
  if (!startMiB || sizeMiB === undefined) return undefined
  const start = BigInt(startMiB)
  const size = BigInt(sizeMiB)
  return { start, end: size === 0n ? start : BigInt.asIntN(64, start + size - 1n) }
}

function findOverlap(partitions: readonly Partition[]): number | undefined {
  const extents = partitions.map(extentOf)
  for (const [index, extent] of extents.entries()) {
    if (extent === undefined) continue
    const other = extents.findIndex((o, at) => at !== index && o !== undefined && overlap(extent, o))
    if (other >= 0) return other
  }
  return undefined
}

const overlap = (p: Extent, o: Extent): boolean =>
  (p.start >= o.start && p.start <= o.end) ||
  (p.end >= o.start && p.end <= o.end) ||
  (p.start < o.start && p.end > o.end)

function lookAtPartition(partition: Partition, add: Add): void {
  const { number, label, guid, typeGuid } = partition
  if (partition.shouldExist === false && hasAttributes(partition)) add('PART-ABSENT-ATTRS', [])
  if (number === 0 && label === undefined) add('PART-NO-ID', [])
  if (label !== undefined) {
    if (byteLength(label) > 36) add('PART-LABEL-LEN', ['label'])
    else if (label.includes(':')) add('PART-LABEL-COLON', ['label'])
  }
  lookAtGuid(guid, add, 'guid')
  lookAtGuid(typeGuid, add, 'typeGuid')
}

const hasAttributes = ({ label, startMiB, sizeMiB, guid, typeGuid }: Partition): boolean =>
  label !== undefined || startMiB !== undefined || sizeMiB !== undefined || isSet(guid) || isSet(typeGuid)

const guidShape = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/

function lookAtGuid(guid: string | undefined, add: Add, name: string): void {
  if (isSet(guid) && !guidShape.test(guid)) add('PART-GUID', [name])
}

export const diskChecks: readonly Check[] = [
  check('storage.disks[]', lookAtDisk),
  check('storage.disks[].partitions[]', lookAtPartition),
]
