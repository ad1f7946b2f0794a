import type { PartitionEntry } from '../../block/gpt.ts'
import { IgnitionError } from '../../errors.ts'
import type { ConfigDisk, ConfigPartition } from '../../spec/config.ts'

/** What the config asks for in one slot of the table. Dimensions are in logical sectors. */
export interface PartitionRequest {
  /** From 1; a config's 0 has become the slot that it gets. */
  readonly number: number
  readonly config: ConfigPartition
  /** What is in the slot now. */
  readonly existing: PartitionEntry | undefined
  /** Undefined leaves it open; 0 is whatever the free space gives. */
  readonly start: number | undefined
  readonly size: number | undefined
  /** The slot's partition is deleted by another entry of the config, this one only follows it. */
  readonly replaces: boolean
}

const mebibyte = 1024 * 1024

/** MiB → logical sectors. */
const toSectors = (sizeMiB: number | bigint | undefined, sectorBytes: number) =>
  sizeMiB === undefined ? undefined : Number(sizeMiB) * (mebibyte / sectorBytes)

/** Logical sectors in MiB, for a person. */
export const inMiB = (sectors: number, sectorBytes: number) =>
  `${Number(((sectors * sectorBytes) / mebibyte).toFixed(3))} MiB`

/**
 * Node → what is asked of it. A base config and a user's may name one disk by two links: what the second asks comes
 * on top, and a table that it wipes is the first one's too.
 */
export function disksByNode(
  disks: readonly ConfigDisk[],
  nodes: ReadonlyMap<string, string>,
): ReadonlyMap<string, ConfigDisk> {
  const byNode = new Map<string, ConfigDisk>()
  for (const disk of disks) {
    const node = nodes.get(disk.device) ?? disk.device
    const before = disk.wipeTable === true ? undefined : byNode.get(node)
    byNode.set(node, before ? withPartitions(before, disk) : disk)
  }
  return byNode
}

function withPartitions(before: ConfigDisk, disk: ConfigDisk): ConfigDisk {
  const added = disk.partitions.filter((partition) => {
    const same = before.partitions.find(({ number }) => number !== 0 && number === partition.number)
    if (!same) return true
    if (JSON.stringify(same) === JSON.stringify(partition)) return false
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      about: { part: partition },
      message:
        `${JSON.stringify(before.device)} and ${JSON.stringify(disk.device)} of the config are the same disk, ` +
        `and ask for two different partitions ${partition.number}`,
    })
  })
  return { ...before, partitions: [...before.partitions, ...added] }
}

/**
 * One request for each partition of a disk, explicit numbers first. Number 0 is the partition that is just as asked
 * for, if there is one, so that a rerun finds what the first run made; otherwise the smallest free slot.
 */
export function requestsOf(
  disk: ConfigDisk,
  table: readonly PartitionEntry[],
  sectorBytes: number,
): readonly PartitionRequest[] {
  const request = (config: ConfigPartition, number: number, replaces = false): PartitionRequest => ({
    number,
    config,
    existing: table.find((entry) => entry.number === number),
    start: toSectors(config.startMiB, sectorBytes),
    size: toSectors(config.sizeMiB, sectorBytes),
    replaces,
  })
  const explicit = disk.partitions.filter(({ number }) => number !== 0)
  const used = new Map(table.map(({ number }) => [number, true]))
  for (const { number, shouldExist } of explicit) used.set(Number(number), shouldExist !== false)
  const emptied = new Set(explicit.filter(isToGo).map(({ number }) => Number(number)))
  const taken = new Set(explicit.filter((one) => !isToGo(one)).map(({ number }) => Number(number)))
  const found = new Set<number>()
  const filling = disk.partitions.flatMap((config) => {
    if (config.number !== 0 || isToGo(config)) return []
    const same = table.find(
      (entry) => !taken.has(entry.number) && isAsAsked(request(config, entry.number), entry),
    )
    const number = same?.number ?? smallestFree(used)
    used.set(number, true)
    taken.add(number)
    if (same) found.add(number)
    return [request(config, number, !same && emptied.has(number))]
  })
  // What a run before put into a slot that another entry empties is not what that entry means.
  const stated = explicit.filter((one) => !(isToGo(one) && found.has(Number(one.number))))
  return [...stated.map((config) => request(config, Number(config.number))), ...filling]
}

const isToGo = ({ shouldExist }: ConfigPartition) => shouldExist === false

function smallestFree(used: ReadonlyMap<number, boolean>): number {
  let number = 1
  while (used.get(number) === true) number += 1
  return number
}

export const shouldExist = ({ config }: PartitionRequest) => !isToGo(config)

/** Whether a partition has everything that the config says about it; open and 0 dimensions say nothing. */
export function isAsAsked({ config, start, size }: PartitionRequest, entry: PartitionEntry): boolean {
  return (
    (!start || start === entry.start) &&
    (!size || size === entry.size) &&
    (config.label === undefined || config.label === entry.label) &&
    isSameGuid(config.guid, entry.guid) &&
    isSameGuid(config.typeGuid, entry.typeGuid)
  )
}

/** An empty one says nothing. */
export const isSameGuid = (asked: string | undefined, found: string) =>
  !asked || asked.toUpperCase() === found
