import type { DiskFacts } from './plan.ts'
import type { PartitionRequest } from './request.ts'
import { shouldExist } from './request.ts'
import { type Dimensions, openNumbers, type Pretence, rehearsed } from './sgdisk.ts'

/** The sectors that partitions may use; both belong to it. */
export interface Usable {
  readonly first: number
  readonly last: number
}

interface Range {
  readonly number: number
  readonly first: number
  readonly last: number
}

export interface Rehearsal extends Pick<DiskFacts, 'sectorBytes' | 'sizeSectors'> {
  readonly usable: Usable
  /** The partitions that the rehearsal begins with. */
  readonly entries: readonly (Dimensions & { readonly number: number })[]
  readonly requests: readonly PartitionRequest[]
}

/** The table of 128 entries with its header, and the protective MBR: UEFI 2.10, 5.3.1. */
const entriesBytes = 128 * 128

/** What a new table leaves for partitions. */
export function usableOf({
  sectorBytes,
  sizeSectors,
}: Pick<DiskFacts, 'sectorBytes' | 'sizeSectors'>): Usable {
  const first = 2 + Math.ceil(entriesBytes / sectorBytes)
  return { first, last: sizeSectors - first }
}

/**
 * Places partitions as sgdisk does, without it: the start and the size that a config leaves open, and a refusal in
 * sgdisk's words when something has no room. A test holds it equal to sgdisk's own rehearsal.
 */
export function rehearse({ entries, requests, ...disk }: Rehearsal): Pretence {
  const alignment = alignmentOf(entries, disk)
  const asked = new Set(requests.filter(({ existing }) => existing).map(({ number }) => number))
  let taken: readonly Range[] = entries
    .filter(({ number }) => !asked.has(number))
    .map(({ number, start, size }) => ({ number, first: start, last: start + size - 1 }))
  for (const request of requests.filter(shouldExist)) {
    const wanted = place(taken, { ...disk, alignment, ...rehearsed(request) })
    const range = { number: request.number, ...wanted }
    if (!isFree(taken, disk.usable, range)) {
      const { number, first, last } = range
      return { kind: 'refused', output: `Could not create partition ${number} from ${first} to ${last}` }
    }
    taken = [...taken, range]
  }
  const open = new Set(openNumbers(requests))
  return {
    kind: 'resolved',
    dimensions: new Map(
      taken
        .filter(({ number }) => open.has(number))
        .map(({ number, first, last }) => [number, { start: first, size: last - first + 1 }]),
    ),
  }
}

/** sgdisk aligns to a MiB, or as badly as what is there: never worse than this many sectors on a disk of 300 GB. */
const [bestAlignmentBytes, leastAlignment, advancedFormatSectors] = [1024 * 1024, 8, 488_397_168]

function alignmentOf(
  entries: Rehearsal['entries'],
  { sectorBytes, sizeSectors }: Pick<Rehearsal, 'sectorBytes' | 'sizeSectors'>,
) {
  let alignment = bestAlignmentBytes / sectorBytes
  for (const { start } of entries) while (start % alignment !== 0) alignment /= 2
  return sizeSectors >= advancedFormatSectors ? Math.max(alignment, leastAlignment) : alignment
}

interface Wish extends Dimensions {
  readonly usable: Usable
  readonly alignment: number
}

/** Where a partition goes; 0 is the beginning of the largest free block, or all that is left there. */
function place(taken: readonly Range[], { start, size, usable, alignment }: Wish): Omit<Range, 'number'> {
  const low = aligned(taken, largestFree(taken, usable), { usable, alignment })
  const high = lastInFree(taken, usable, low)
  const first = start || low
  const last = size ? first + size - 1 : high
  return { first: aligned(taken, first, { usable, alignment }), last }
}

function largestFree(taken: readonly Range[], usable: Usable): number {
  let best = { first: 0, sectors: 0 }
  for (let first = firstFree(taken, usable, usable.first); first !== 0; ) {
    const last = lastInFree(taken, usable, first)
    if (last - first + 1 > best.sectors) best = { first, sectors: last - first + 1 }
    first = firstFree(taken, usable, last + 1)
  }
  return best.first
}

/** The first free sector from one on; 0 when there is none. */
function firstFree(taken: readonly Range[], usable: Usable, from: number): number {
  let first = from
  for (let hit = at(taken, first); hit; hit = at(taken, first)) first = hit.last + 1
  return first > usable.last ? 0 : first
}

const at = (taken: readonly Range[], sector: number) =>
  taken.find(({ first, last }) => first <= sector && sector <= last)

const lastInFree = (taken: readonly Range[], usable: Usable, from: number) =>
  Math.min(usable.last, ...taken.filter(({ first }) => first > from).map(({ first }) => first - 1))

/** The aligned sector before, if all is free up to there, else the one after, else the sector itself. */
function aligned(
  taken: readonly Range[],
  sector: number,
  { usable, alignment }: Pick<Wish, 'usable' | 'alignment'>,
) {
  if (sector % alignment === 0) return sector
  const earlier = Math.floor(sector / alignment) * alignment
  const later = earlier + alignment
  const isClear = (first: number, last: number) => isFree(taken, usable, { first, last })
  if (isClear(earlier, sector - 1)) return earlier
  return isClear(sector + 1, later) ? later : sector
}

const isFree = (taken: readonly Range[], usable: Usable, { first, last }: Omit<Range, 'number'>) =>
  first >= usable.first &&
  last <= usable.last &&
  first <= last &&
  !taken.some((other) => other.first <= last && first <= other.last)
