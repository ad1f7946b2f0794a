import type { PartitionEntry } from '../../block/gpt.ts'
import { inPart } from '../../errors.ts'
import type { ConfigDisk } from '../../spec/config.ts'
import { explainMisfit, isMisfit } from './misfit.ts'
import { mismatch, refuseActive, refuseForeign, refuseInUse } from './refuse.ts'
import { inMiB, isSameGuid, type PartitionRequest, requestsOf, shouldExist } from './request.ts'
import { type Creation, type Dimensions, type Pretence, sgdiskOptions } from './sgdisk.ts'

/** What a disk holds in the way of a partition table. */
export type Table =
  | { readonly kind: 'gpt'; readonly partitions: readonly PartitionEntry[] }
  | { readonly kind: 'blank' }
  /** Another kind of table, or one whose checksums are wrong. */
  | { readonly kind: 'foreign'; readonly what: string }
  /** A filesystem or the like on the whole disk. */
  | { readonly kind: 'occupied'; readonly what: string }

/** A partition as the kernel has it, in logical sectors of the disk. */
export interface KernelView extends Dimensions {
  /** How it is in use, in words. */
  readonly use: string | undefined
}

export interface DiskFacts {
  /** What the config asks of the disk, by all the names that it has for it. */
  readonly disk: ConfigDisk
  readonly node: string
  readonly sectorBytes: number
  readonly sizeSectors: number
  readonly table: Table
  /** How the disk itself is in use, in words. */
  readonly use: string | undefined
  readonly kernel: ReadonlyMap<number, KernelView>
  readonly pretence: Pretence
}

/** A partition as the kernel is to have it in the end. */
interface Placement extends Dimensions {
  readonly number: number
}

export interface DiskStep {
  readonly device: string
  readonly node: string
  readonly sectorBytes: number
  readonly wipeTable: boolean
  /** Nothing that was in a table before is to stay. */
  readonly replacesTable: boolean
  readonly deletedCount: number
  readonly createdCount: number
  /** For sgdisk, without the device; none when only the kernel is behind. */
  readonly options: readonly string[]
  /** Numbers that the kernel is not to have in the end. */
  readonly absent: readonly number[]
  readonly present: readonly Placement[]
  /** What is still to be rehearsed and planned after the wipe: sgdisk cannot do so on a table that it cannot read. */
  readonly afterWipe: ConfigDisk | undefined
}

/** One step for each disk that is not as asked for. Throws where the config and a disk clash. */
export function planDisks(facts: readonly DiskFacts[]): readonly DiskStep[] {
  return facts.flatMap(
    (known) => inPart({ device: known.disk.device }, () => planDisk(known.disk, known)) ?? [],
  )
}

/** The entries of the table as the step begins: none when it is wiped first. */
export const entriesOf = (disk: ConfigDisk, table: Table): readonly PartitionEntry[] =>
  disk.wipeTable !== true && table.kind === 'gpt' ? table.partitions : []

function planDisk(disk: ConfigDisk, facts: DiskFacts): DiskStep | undefined {
  refuseForeign(disk, facts)
  const requests = requestsOf(disk, entriesOf(disk, facts.table), facts.sectorBytes)
  const { pretence } = facts
  if (pretence.kind === 'refused' && disk.wipeTable === true && !isMisfit(pretence.output))
    return wipeFirst(disk, facts)
  if (pretence.kind === 'refused') {
    refuseDifferences(disk, facts, requests)
    throw explainMisfit(disk, facts, { requests, output: pretence.output })
  }
  const made = requests.filter(shouldExist).map(({ number }) => number)
  const all = requests.map((request) =>
    decide(disk, request, { facts, found: pretence.dimensions.get(request.number) }),
  )
  // A slot that one entry empties and another fills is the other's: the first has only allowed it.
  const decisions = all.filter(({ placement, number }) => placement || !made.includes(number))
  const created = decisions.flatMap(({ creation }) => creation ?? [])
  const deleted = decisions.filter(({ deletes }) => deletes).map(({ number }) => number)
  const step: DiskStep = {
    device: disk.device,
    node: facts.node,
    sectorBytes: facts.sectorBytes,
    wipeTable: disk.wipeTable === true,
    replacesTable: disk.wipeTable === true || facts.table.kind === 'blank',
    deletedCount: deleted.length,
    createdCount: created.length,
    options: sgdiskOptions(deleted, created),
    absent: absentNumbers(disk, facts, { deleted, made }),
    present: decisions.flatMap(({ placement }) => placement ?? []),
    afterWipe: undefined,
  }
  if (!step.wipeTable && step.options.length === 0 && isInStep(step, facts)) return undefined
  refuseInUse(disk, facts)
  return step
}

function wipeFirst(disk: ConfigDisk, facts: DiskFacts): DiskStep {
  refuseInUse(disk, facts)
  return {
    device: disk.device,
    node: facts.node,
    sectorBytes: facts.sectorBytes,
    wipeTable: true,
    replacesTable: true,
    deletedCount: 0,
    createdCount: 0,
    options: [],
    absent: [...facts.kernel.keys()],
    present: [],
    afterWipe: { ...disk, wipeTable: false },
  }
}

/** A partition that may not be changed is the cause when what it is to become has no room. */
function refuseDifferences(disk: ConfigDisk, facts: DiskFacts, requests: readonly PartitionRequest[]): void {
  for (const request of requests) {
    const { existing, start, size } = request
    if (!existing) continue
    const found = { start: start || existing.start, size: size || existing.size }
    decide(disk, request, { facts, found })
  }
}

function absentNumbers(
  disk: ConfigDisk,
  { kernel }: DiskFacts,
  { deleted, made }: { deleted: readonly number[]; made: readonly number[] },
): readonly number[] {
  const gone = disk.wipeTable === true ? [...kernel.keys()] : deleted
  return gone.filter((number) => !made.includes(number))
}

function isInStep({ present }: DiskStep, { kernel }: DiskFacts): boolean {
  return present.every(({ number, start, size }) => {
    const view = kernel.get(number)
    return view?.start === start && view.size === size
  })
}

interface Decision {
  readonly number: number
  readonly deletes: boolean
  readonly creation?: Creation
  readonly placement?: Placement
}

interface Situation {
  readonly facts: DiskFacts
  /** Where sgdisk puts it when the config leaves that open. */
  readonly found: Dimensions | undefined
}

const decide = (disk: ConfigDisk, request: PartitionRequest, situation: Situation): Decision =>
  inPart({ part: request.config }, () => decideOn(disk, request, situation))

function decideOn(disk: ConfigDisk, request: PartitionRequest, { facts, found }: Situation): Decision {
  const { number, existing, config } = request
  const wipes = config.wipePartitionEntry === true || request.replaces
  if (!shouldExist(request)) {
    if (!existing) return { number, deletes: false }
    if (!wipes)
      throw mismatch(disk, number, 'exists but is specified as nonexistant and wipePartitionEntry is false')
    refuseActive(disk, number, facts)
    return { number, deletes: true }
  }
  const place = found ?? { start: request.start ?? 0, size: request.size ?? 0 }
  const placement = { number, ...place }
  const { label, guid, typeGuid } = config
  const creation = { ...placement, label, guid, typeGuid }
  if (!existing) return { number, deletes: false, creation, placement }
  const differences = differencesOf(request, { existing, place, sectorBytes: facts.sectorBytes })
  if (differences.length === 0 && !request.replaces) return { number, deletes: false, placement }
  const onlySize = differences.length === 1 && differences[0]?.of === 'size'
  const resizes = config.resize === true && onlySize && !wipes
  if (!wipes && !resizes)
    throw mismatch(disk, number, `didn't match: ${differences.map(({ text }) => text).join(', ')}`)
  refuseActive(disk, number, facts)
  const { label: oldLabel, guid: oldGuid, typeGuid: oldType } = existing
  const resized = { ...placement, label: oldLabel, guid: oldGuid, typeGuid: oldType }
  return { number, deletes: true, creation: resizes ? resized : creation, placement }
}

interface Difference {
  readonly of: string
  readonly text: string
}

interface Comparison {
  readonly existing: PartitionEntry
  readonly place: Dimensions
  readonly sectorBytes: number
}

function differencesOf({ config }: PartitionRequest, compared: Comparison): readonly Difference[] {
  const { existing, place, sectorBytes } = compared
  const differences: Difference[] = []
  const note = (of: string, asked: string, got: string) =>
    differences.push({ of, text: `${of} did not match (specified ${asked}, got ${got})` })
  const size = (sectors: number) => inMiB(sectors, sectorBytes)
  if (place.start !== existing.start) note('starting sector', size(place.start), size(existing.start))
  if (!isSameGuid(config.guid, existing.guid)) note('GUID', config.guid ?? '', existing.guid)
  if (!isSameGuid(config.typeGuid, existing.typeGuid))
    note('type GUID', config.typeGuid ?? '', existing.typeGuid)
  if (config.label !== undefined && config.label !== existing.label)
    note('label', JSON.stringify(config.label), JSON.stringify(existing.label))
  if (place.size !== existing.size) note('size', size(place.size), size(existing.size))
  return differences
}
