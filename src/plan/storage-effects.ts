import type { PartitionEntry } from '../block/gpt.ts'
import type { DiskFacts } from '../sections/disks/plan.ts'
import { inMiB } from '../sections/disks/request.ts'
import { blockFilesystems, type FilesystemsStep } from '../sections/filesystems/plan.ts'
import type { LuksStep } from '../sections/luks/plan.ts'
import type { RaidStep } from '../sections/raid/plan.ts'
import type { Config } from '../spec/config.ts'
import { deviceAt, type Model, type ModelDevice, partitionsOf } from './model.ts'
import type { Effect } from './shape-of-plan.ts'
import { holdsOf, signatureInWords, withContents } from './words.ts'

/** What a section of disks turns the model into. */
export interface Turn<Facts, Step> {
  readonly config: Config
  readonly facts: Facts
  readonly steps: readonly Step[]
  readonly before: Model
  readonly after: Model
}

type Words = Omit<Effect, 'section'>

const named = (what: string) => JSON.stringify(what)

/** Tables and partitions. */
export const diskEffects = ({
  facts,
  before,
  after,
}: Turn<readonly DiskFacts[], unknown>): readonly Words[] =>
  facts.flatMap(({ disk, node }) => {
    const [old, next] = [deviceAt(before, node), deviceAt(after, node)]
    if (!old || !next) return []
    const wipes = disk.wipeTable === true
    const [oldEntries, newEntries] = [entriesOf(old), entriesOf(next)]
    const successor = (entry: PartitionEntry) =>
      wipes ? undefined : newEntries.find((each) => each !== entry && isSamePartition(each, entry))
    const gone = oldEntries.filter((entry) => !newEntries.includes(entry))
    const successors = new Set(gone.map(successor))
    const describe = describer(disk.device, old)
    return [
      ...(wipes ? wholeTable(before, old, disk.device) : []),
      ...gone.map((entry) => {
        const changed = successor(entry)
        return changed ? describe.change(entry, changed) : describe.destroy(entry, before)
      }),
      ...newEntries
        .filter((entry) => !successors.has(entry))
        .map((entry) => (oldEntries.includes(entry) ? describe.keep(entry, after) : describe.create(entry))),
    ]
  })

const entriesOf = ({ table }: ModelDevice) => table?.partitions ?? []

/** The same, perhaps with another size: what it holds stays. */
const isSamePartition = (one: PartitionEntry, other: PartitionEntry) =>
  one.guid === other.guid && one.start === other.start

/** Words for the partitions of a disk that the config calls `subject`. */
function describer(subject: string, { path, sectorBytes }: ModelDevice) {
  const size = (sectors: number) => inMiB(sectors, sectorBytes)
  const place = (entry: PartitionEntry) => `${size(entry.size)} at ${size(entry.start)}`
  const name = ({ number, label }: PartitionEntry) =>
    `partition ${number}${label === '' ? '' : ` ${named(label)}`} of ${named(subject)}`
  const contents = (entry: PartitionEntry, model: Model) =>
    withContents(
      model,
      partitionsOf(model, path).find(({ partitionOf }) => partitionOf?.number === entry.number),
    )
  return {
    destroy: (entry: PartitionEntry, model: Model): Words => ({
      effect: 'destroy',
      subject,
      text: `${name(entry)} (${place(entry)})${contents(entry, model)}`,
    }),
    create: (entry: PartitionEntry): Words => ({
      effect: 'create',
      subject,
      text: `${name(entry)}: ${place(entry)}`,
    }),
    change: (entry: PartitionEntry, next: PartitionEntry): Words => ({
      effect: 'change',
      subject,
      text: `${name(entry)} from ${size(entry.size)} to ${size(next.size)}; what it holds stays`,
    }),
    keep: (entry: PartitionEntry, model: Model): Words => ({
      effect: 'keep',
      subject,
      text: `${name(entry)}${contents(entry, model)}`,
    }),
  }
}

function wholeTable(model: Model, disk: ModelDevice, subject: string): readonly Words[] {
  if (disk.table === undefined) {
    const text = `whatever is on ${named(subject)}: nothing of it could be read`
    return [{ effect: 'destroy', subject, text }]
  }
  const text = tableInWords(model, disk, disk.table)
  return text === undefined ? [] : [{ effect: 'destroy', subject, text: `${text} of ${named(subject)}` }]
}

function tableInWords(
  model: Model,
  disk: ModelDevice,
  table: NonNullable<ModelDevice['table']>,
): string | undefined {
  switch (table.kind) {
    case 'blank':
      return undefined
    case 'gpt':
      return 'the partition table'
    case 'foreign':
      return `${table.what ?? 'a foreign table'}, with all its partitions,`
    case 'occupied':
      return `the contents (${holdsOf(model, disk).join(', ') || table.what})`
  }
}

/** What goes when a device is written to anew. */
function losses(model: Model, path: string): readonly Words[] {
  const device = deviceAt(model, path)
  // what lay in the place of a new partition went with the old one
  if (!device || device.isMade) return []
  const holds = holdsOf(model, device)
  const effect = 'destroy' as const
  if (holds.length > 0) return [{ effect, subject: path, text: `${holds.join(', ')} on ${named(path)}` }]
  if (device.hidden === undefined) return []
  return [{ effect, subject: path, text: `whatever is on ${named(path)}: ${device.hidden}` }]
}

/** Arrays. */
export const raidEffects = ({ config, steps, before }: Turn<unknown, RaidStep>): readonly Words[] =>
  config.storage.raid.flatMap((array): readonly Words[] => {
    const step = steps.find((each) => each.array === array)
    const [subject, of] = [array.name, `RAID array ${named(array.name)}`]
    if (!step) return [{ effect: 'keep', subject, text: `${of}, which runs already` }]
    if (step.kind === 'assemble')
      return [{ effect: 'use', subject, text: `${of} is started from what its devices hold` }]
    const text = `${of}, ${array.level} of ${array.devices.map(named).join(', ')}`
    return [...array.devices.flatMap((device) => losses(before, device)), { effect: 'create', subject, text }]
  })

/** LUKS volumes. */
export const luksEffects = ({ config, steps, before }: Turn<unknown, LuksStep>): readonly Words[] =>
  config.storage.luks.flatMap((volume): readonly Words[] => {
    const { name, device = '' } = volume
    const step = steps.find((each) => each.volume === volume)
    const of = `LUKS volume ${named(name)} on ${named(device)}`
    if (!step) return [{ effect: 'keep', subject: name, text: `${of}, which is open already` }]
    if (step.kind === 'open') return [{ effect: 'use', subject: name, text: `${of} is opened as it is` }]
    return [...losses(before, device), { effect: 'create', subject: name, text: of }]
  })

/** Filesystems. */
export const filesystemEffects = ({
  config,
  steps,
  before,
}: Turn<unknown, FilesystemsStep>): readonly Words[] => {
  const makings = steps.flatMap((step) => step.makings)
  return blockFilesystems(config).flatMap((filesystem): readonly Words[] => {
    const { device, format = '', label = '' } = filesystem
    const words = `${signatureInWords({ type: format, label })} on ${named(device)}`
    if (!makings.some((each) => each.filesystem === filesystem))
      return format === 'none' ? [] : [{ effect: 'keep', subject: device, text: `${words} with its data` }]
    const made: Words = { effect: 'create', subject: device, text: words }
    return [...losses(before, device), ...(format === 'none' ? [] : [made])]
  })
}
