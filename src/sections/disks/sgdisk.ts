import { isAsAsked, type PartitionRequest, shouldExist } from './request.ts'

/** Start and size in logical sectors. */
export interface Dimensions {
  readonly start: number
  readonly size: number
}

/** A partition to write. Dimensions in logical sectors; 0 is the largest free block, or all of it. */
export interface Creation extends Dimensions {
  readonly number: number
  readonly label: string | undefined
  readonly guid: string | undefined
  readonly typeGuid: string | undefined
}

/** What sgdisk makes of the requests without writing: which slot begins where. */
export type Pretence =
  | { readonly kind: 'resolved'; readonly dimensions: ReadonlyMap<number, Dimensions> }
  | { readonly kind: 'refused'; readonly output: string }

/** Options of one call, in the order that sgdisk(8) works them off. */
export function sgdiskOptions(deleted: readonly number[], created: readonly Creation[]): string[] {
  return [
    ...deleted.map((number) => `--delete=${number}`),
    ...created.flatMap(({ number, start, size, label, typeGuid, guid }) => [
      `--new=${number}:${start}:+${size}`,
      ...(label === undefined ? [] : [`--change-name=${number}:${label}`]),
      ...(typeGuid ? [`--typecode=${number}:${typeGuid}`] : []),
      ...(guid ? [`--partition-guid=${number}:${guid}`] : []),
    ]),
  ]
}

/**
 * The dimensions that the rehearsal begins with: what the config leaves open stays as it is, unless the partition is
 * to be made anew.
 */
export function rehearsed(request: PartitionRequest): Dimensions {
  const { existing, config, replaces } = request
  const kept =
    existing && !replaces && (config.wipePartitionEntry !== true || isAsAsked(request, existing))
      ? existing
      : undefined
  return { start: request.start ?? kept?.start ?? 0, size: request.size ?? kept?.size ?? 0 }
}

/** Slots whose place only sgdisk can tell. */
export const openNumbers = (requests: readonly PartitionRequest[]) =>
  requests.filter((each) => shouldExist(each) && (!each.start || !each.size)).map(({ number }) => number)

/**
 * Where the partitions stay, by slot, when all of them are there as asked for and none is to go; undefined when there is
 * something to rehearse, or a size that only the free space gives.
 */
export function keptDimensions(
  requests: readonly PartitionRequest[],
): ReadonlyMap<number, Dimensions> | undefined {
  const dimensions = new Map<number, Dimensions>()
  for (const request of requests) {
    const { number, existing, start, size, replaces } = request
    if (!shouldExist(request) && !existing) continue
    if (!shouldExist(request) || !existing || replaces || start === 0 || size === 0) return undefined
    if (!isAsAsked(request, existing)) return undefined
    dimensions.set(number, { start: existing.start, size: existing.size })
  }
  return dimensions
}

/** Options for a rehearsal of all requests; none when there is nothing to rehearse. Labels need not be rehearsed. */
export function pretendOptions(requests: readonly PartitionRequest[], wipeTable: boolean): readonly string[] {
  const deleted = requests.filter(({ existing }) => existing).map(({ number }) => number)
  const created = requests.filter(shouldExist).map((request) => ({
    number: request.number,
    ...rehearsed(request),
    label: undefined,
    guid: request.config.guid,
    typeGuid: request.config.typeGuid,
  }))
  if (created.length === 0) return []
  return [
    '--pretend',
    // A new table without writing it; without the second one, a table of another kind counts as an error.
    ...(wipeTable ? ['--clear', '--mbrtogpt'] : []),
    ...sgdiskOptions([...new Set(deleted)], created),
    ...openNumbers(requests).map((number) => `--info=${number}`),
  ]
}

/** Reads the answer to `pretendOptions`; undefined when it is not what was asked for. */
export function parsePretence(
  requests: readonly PartitionRequest[],
  output: string,
): ReadonlyMap<number, Dimensions> | undefined {
  const lines = output.split('\n').flatMap((line) => {
    const [, edge, sector] = /^(First|Last) sector: (\d+) \(.*\)$/.exec(line) ?? []
    return sector === undefined ? [] : [{ edge, sector: Number(sector) }]
  })
  const numbers = openNumbers(requests)
  if (lines.length !== numbers.length * 2) return undefined
  const dimensions = new Map<number, Dimensions>()
  for (const [index, number] of numbers.entries()) {
    const [first, last] = lines.slice(index * 2, index * 2 + 2)
    if (first?.edge !== 'First' || last?.edge !== 'Last' || last.sector < first.sector) return undefined
    dimensions.set(number, { start: first.sector, size: last.sector - first.sector + 1 })
  }
  return dimensions
}
