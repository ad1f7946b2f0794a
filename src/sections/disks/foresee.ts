import type { PartitionEntry } from '../../block/gpt.ts'
import type { Signature } from '../../block/signatures.ts'
import { IgnitionError } from '../../errors.ts'
import {
  type Foreseen,
  holding,
  inLink,
  type Model,
  type ModelDevice,
  partitionPath,
  partitionsOf,
  requireDevice,
  type Unknown,
  withDevice,
  withoutDevices,
} from '../../plan/model.ts'
import type { Config, ConfigDisk } from '../../spec/config.ts'
import { type DiskFacts, type DiskStep, entriesOf, planDisks, type Table } from './plan.ts'
import { rehearse, usableOf } from './rehearse.ts'
import { disksByNode, requestsOf } from './request.ts'
import type { Pretence } from './sgdisk.ts'

/** The facts of every disk of the config, from a model. `known` are those that were observed instead. */
export function foreseeDisks(
  model: Model,
  { storage: { disks } }: Config,
  known: ReadonlyMap<string, DiskFacts> = new Map(),
): Foreseen<readonly DiskFacts[]> {
  const nodes = new Map(disks.map(({ device }) => [device, requireDevice(model, device).path]))
  const unknowns: Unknown[] = []
  const facts = [...disksByNode(disks, nodes)].map(([node, disk]) => {
    const device = requireDevice(model, node)
    if (device.table === undefined) unknowns.push(unseenTable(disk))
    return known.get(node) ?? factsOf(model, disk, device)
  })
  return { facts, unknowns }
}

function factsOf(model: Model, disk: ConfigDisk, device: ModelDevice): DiskFacts {
  const { path, sectorBytes, use } = device
  const partitions = partitionsOf(model, path)
  const sizeSectors = Math.floor(device.sizeBytes / sectorBytes)
  const table = tableOf(disk, device)
  const views = partitions.flatMap((partition) => {
    const number = partition.partitionOf?.number ?? 0
    const entry = device.table?.partitions?.find((each) => each.number === number)
    return entry ? [[number, { start: entry.start, size: entry.size, use: partition.use }] as const] : []
  })
  return {
    disk,
    node: path,
    sectorBytes,
    sizeSectors,
    table,
    use,
    kernel: new Map(views),
    pretence: pretend(disk, table, { device, sizeSectors }),
  }
}

function tableOf(disk: ConfigDisk, { table }: ModelDevice): Table {
  if (table === undefined) {
    if (disk.wipeTable === true) return { kind: 'blank' }
    throw new IgnitionError({
      code: 'FL_MACHINE_UNSEEN',
      message: `the description of the machine does not have the partition table of ${JSON.stringify(disk.device)}`,
    })
  }
  switch (table.kind) {
    case 'gpt':
      return { kind: 'gpt', partitions: table.partitions ?? [] }
    case 'blank':
      return { kind: 'blank' }
    case 'foreign':
    case 'occupied':
      return { kind: table.kind, what: table.what ?? 'something' }
  }
}

const unseenTable = ({ device }: ConfigDisk): Unknown => ({
  subject: device,
  reason: 'its partition table could not be read',
  taken: 'wipeTable makes it anew whatever it holds',
})

function pretend(
  disk: ConfigDisk,
  table: Table,
  { device, sizeSectors }: { readonly device: ModelDevice; readonly sizeSectors: number },
): Pretence {
  const { sectorBytes } = device
  const wipes = disk.wipeTable === true
  if (!wipes && (table.kind === 'foreign' || table.kind === 'occupied'))
    return { kind: 'resolved', dimensions: new Map() }
  const entries = entriesOf(disk, table)
  const { firstUsableSector: first, lastUsableSector: last } = device.table ?? {}
  const usable =
    !wipes && table.kind === 'gpt' && first !== undefined && last !== undefined
      ? { first, last }
      : usableOf({ sectorBytes, sizeSectors })
  return rehearse({
    sectorBytes,
    sizeSectors,
    usable,
    entries,
    requests: requestsOf(disk, entries, sectorBytes),
  })
}

/** The type that sgdisk gives a partition for which the config names none: Linux filesystem data. */
const defaultType = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'

/** Stands for a GUID that is drawn when the partition is made. */
const drawn = ''

/** The model after the steps. */
export const afterDisks = (model: Model, steps: readonly DiskStep[], lying?: Lying): Model =>
  steps.reduce((before, step) => afterStep(before, step, lying), model)

/** Path of a new partition → what lies on its bytes, where that could be looked at. */
export type Lying = ReadonlyMap<string, readonly Signature[]>

function afterStep(model: Model, step: DiskStep, lying: Lying = new Map()): Model {
  const next = afterDisk(model, step, lying)
  if (!step.afterWipe) return next
  const facts = factsOf(next, step.afterWipe, requireDevice(next, step.node))
  return afterDisks(next, planDisks([facts]))
}

function afterDisk(model: Model, step: DiskStep, lying: Lying): Model {
  const disk = requireDevice(model, step.node)
  const old = disk.table?.partitions ?? []
  const entries = tableAfter(step.wipeTable ? [] : old, step)
  const { first, last } = usableAfter(disk, step)
  const changed: ModelDevice = {
    ...disk,
    signatures: [],
    hidden: undefined,
    table: {
      kind: 'gpt',
      firstUsableSector: first,
      lastUsableSector: last,
      partitions: entries.toSorted((a, b) => a.number - b.number),
    },
  }
  const kept = new Set(entries.filter((entry) => old.includes(entry)).map(({ number }) => number))
  const gone = partitionsOf(model, disk.path).filter((each) => !kept.has(each.partitionOf?.number ?? 0))
  const cleared = withoutDevices(
    model,
    gone.map(({ path }) => path),
  )
  return entries
    .filter(({ number }) => !kept.has(number))
    .reduce(
      (grown, entry) => withDevice(grown, seen(partitionOf(disk, entry, dataAt(gone, old, entry)), lying)),
      withDevice(cleared, changed),
    )
}

/** Headers of arrays and volumes are more than their mark: those stay unknown. */
function seen(partition: ModelDevice, lying: Lying): ModelDevice {
  const signatures = lying.get(partition.path)
  const isOpen =
    partition.hidden !== undefined && signatures?.every(({ usage }) => usage !== 'crypto' && usage !== 'raid')
  return signatures && isOpen === true ? holding(partition, signatures) : partition
}

function usableAfter({ table, sectorBytes, sizeBytes }: ModelDevice, { wipeTable }: DiskStep) {
  const fresh = usableOf({ sectorBytes, sizeSectors: Math.floor(sizeBytes / sectorBytes) })
  if (wipeTable || table?.kind !== 'gpt') return fresh
  return { first: table.firstUsableSector ?? fresh.first, last: table.lastUsableSector ?? fresh.last }
}

/** Works off the options of a step as sgdisk does. */
function tableAfter(old: readonly PartitionEntry[], { options }: DiskStep): readonly PartitionEntry[] {
  const entries = new Map(old.map((entry) => [entry.number, entry]))
  for (const option of options) {
    const [, name, digits, value = ''] = /^--([a-z-]+)=(\d+):?(.*)$/s.exec(option) ?? []
    const number = Number(digits)
    const entry = entries.get(number)
    if (name === 'delete') entries.delete(number)
    if (name === 'new') entries.set(number, newEntry(number, value))
    if (entry && name === 'change-name') entries.set(number, { ...entry, label: value })
    if (entry && name === 'typecode') entries.set(number, { ...entry, typeGuid: value.toUpperCase() })
    if (entry && name === 'partition-guid') entries.set(number, { ...entry, guid: value.toUpperCase() })
  }
  return [...entries.values()]
}

function newEntry(number: number, place: string): PartitionEntry {
  const [start = 0, size = 0] = place.split(':').map(Number)
  return { number, label: '', guid: drawn, typeGuid: defaultType, start, size }
}

interface Data {
  /** The device that had them. */
  readonly of: ModelDevice
  /** Whether the partition is the same with another size. */
  readonly isResized: boolean
}

/** What was at the start of a new partition: sgdisk writes the table only, so its data stay. */
function dataAt(gone: Model, old: readonly PartitionEntry[], next: PartitionEntry): Data | undefined {
  const entry = old.find(({ start }) => start === next.start)
  const of = gone.find(({ partitionOf: place }) => place?.number === entry?.number)
  return of && { of, isResized: entry?.guid === next.guid }
}

/** Links of a disk whose partitions have `-part1` behind them. */
const ofDisk = /^\/dev\/disk\/(?!by-(label|uuid|partlabel|partuuid)\/)/

function partitionOf(disk: ModelDevice, entry: PartitionEntry, data: Data | undefined): ModelDevice {
  const { number, label, guid, size } = entry
  const names = disk.links.filter((link) => ofDisk.test(link))
  const made: ModelDevice = {
    path: partitionPath(disk.path, number),
    links: [
      ...names.map((name) => `${name}-part${number}`),
      ...(label === '' ? [] : [`/dev/disk/by-partlabel/${inLink(label)}`]),
      ...(guid === drawn ? [] : [`/dev/disk/by-partuuid/${guid.toLowerCase()}`]),
    ],
    kind: 'partition',
    sizeBytes: size * disk.sectorBytes,
    sectorBytes: disk.sectorBytes,
    partitionOf: { disk: disk.path, number },
    builtOn: [],
    isMade: data?.isResized !== true,
    isDormant: false,
    hidden: 'the partition does not exist yet, and old data may lie in its place',
  }
  if (data?.of.signatures === undefined) return made
  const { luks, raidMember, signatures } = data.of
  return { ...holding(made, signatures), ...(luks && { luks }), ...(raidMember && { raidMember }) }
}
