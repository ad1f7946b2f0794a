import { IgnitionError } from '../../errors.ts'
import type { ConfigDisk } from '../../spec/config.ts'
import type { DiskFacts } from './plan.ts'
import { inMiB, type PartitionRequest, shouldExist } from './request.ts'

interface Refusal {
  readonly requests: readonly PartitionRequest[]
  /** What sgdisk said. */
  readonly output: string
}

interface Range {
  readonly number: number
  readonly first: number
  readonly last: number
}

/** Sectors at the end of a disk that hold the backup of the table, with 512-byte sectors: UEFI 2.10, 5.3.1. */
const backupBytes = 33 * 512

/** Says in MiB what sgdisk says in sectors, and why: the disk is too small, or something else is in the way. */
export function explainMisfit(disk: ConfigDisk, facts: DiskFacts, refusal: Refusal): IgnitionError {
  const { sectorBytes, sizeSectors } = facts
  const size = (sectors: number) => inMiB(sectors, sectorBytes)
  const named = `disk ${JSON.stringify(disk.device)} (${size(sizeSectors)})`
  const refused = refusedRange(refusal.output)
  if (!refused)
    return misfit(
      `sgdisk refuses the partitions of ${named}: ${refusal.output.trim().replaceAll(/\s+/g, ' ')}; ` +
        'repair its table, or set wipeTable to replace it',
    )
  const { number, first, last } = refused
  const wanted = `partition ${number} does not fit on ${named}: it would take ${size(first)} to ${size(last + 1)}`
  const inTheWay = occupied(disk, facts, refusal.requests).find(
    (other) => other.number !== number && other.first <= last && other.last >= first,
  )
  if (inTheWay)
    return misfit(
      `${wanted}, but partition ${inTheWay.number} is at ${size(inTheWay.first)} to ${size(inTheWay.last + 1)}`,
    )
  if (last > sizeSectors - Math.ceil(backupBytes / sectorBytes) - 1)
    return misfit(`${wanted}, but the disk is too small for that`)
  return misfit(`${wanted}, but there is no free block of that size at that place`)
}

const misfit = (message: string) => new IgnitionError({ code: 'FL_PARTITION_FIT', message })

/** Whether sgdisk refuses for want of room, and not because it cannot read the disk. */
export const isMisfit = (output: string) => refusedRange(output) !== undefined

function refusedRange(output: string): Range | undefined {
  const [, number, first, last] = /Could not create partition (\d+) from (\d+) to (\d+)/.exec(output) ?? []
  return last === undefined ? undefined : { number: Number(number), first: Number(first), last: Number(last) }
}

/** Partitions that stay, and those asked for with a place of their own. */
function occupied(
  disk: ConfigDisk,
  { table }: DiskFacts,
  requests: readonly PartitionRequest[],
): readonly Range[] {
  const range = (number: number, start: number, size: number) => ({
    number,
    first: start,
    last: start + size - 1,
  })
  const asked = new Set(requests.map(({ number }) => number))
  const entries = disk.wipeTable !== true && table.kind === 'gpt' ? table.partitions : []
  return [
    ...entries
      .filter(({ number }) => !asked.has(number))
      .map(({ number, start, size }) => range(number, start, size)),
    ...requests.filter(shouldExist).flatMap(({ number, start, size, existing }) => {
      const [from, sectors] = [start || existing?.start, size || existing?.size]
      return from && sectors ? [range(number, from, sectors)] : []
    }),
  ]
}
