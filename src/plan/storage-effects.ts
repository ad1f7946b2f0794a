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
  facts.flatMap(({ disk, node, sectorBytes }) => {
    const subject = disk.device
    const [old, next] = [deviceAt(before, node), deviceAt(after, node)]
    const oldEntries = old?.table?.partitions ?? []
    const newEntries = next?.table?.partitions ?? []
    const place = ({ start, size }: PartitionEntry) =>
      `${inMiB(size, sectorBytes)} at ${inMiB(start, sectorBytes)}`
    const name = ({ number, label }: PartitionEntry) =>
      `partition ${number}${label === '' ? '' : ` ${named(label)}`} of ${named(subject)}`
    const deviceOf = (model: Model, { number }: PartitionEntry) =>
      partitionsOf(model, node).find(({ partitionOf }) => partitionOf?.number === number)
    const gone = oldEntries.filter((entry) => !newEntries.includes(entry))
    const resized = (entry: PartitionEntry) =>
      disk.wipeTable === true
        ? undefined
        : newEntries.find((each) => each !== entry && each.guid === entry.guid && each.start === entry.start)
    return [
      ...(disk.wipeTable === true && old ? wholeTable(before, old, subject) : []),
      ...gone.map((entry): Words => {
        const successor = resized(entry)
        if (successor)
          return {
            effect: 'change',
            subject,
            text: `${name(entry)} from ${inMiB(entry.size, sectorBytes)} to ${inMiB(successor.size, sectorBytes)}; what it holds stays`,
          }
        return {
          effect: 'destroy',
          subject,
          text: `${name(entry)} (${place(entry)})${withContents(before, deviceOf(before, entry))}`,
        }
      }),
      ...newEntries
        .map((entry): Words => {
          if (oldEntries.includes(entry))
            return {
              effect: 'keep',
              subject,
              text: `${name(entry)}${withContents(after, deviceOf(after, entry))}`,
            }
          return { effect: 'create', subject, text: `${name(entry)}: ${place(entry)}` }
        })
        .filter(({ effect }, index) => {
          const entry = newEntries[index]
          return effect === 'keep' || !entry || !oldEntries.some((other) => resized(other) === entry)
        }),
    ]
  })

function wholeTable(model: Model, disk: ModelDevice, subject: string): readonly Words[] {
  const text = tableInWords(model, disk)
  return text === undefined ? [] : [{ effect: 'destroy', subject, text: `${text} of ${named(subject)}` }]
}

function tableInWords(model: Model, disk: ModelDevice): string | undefined {
  if (disk.table === undefined) return 'whatever is there: nothing of it could be read'
  switch (disk.table.kind) {
    case 'blank':
      return undefined
    case 'gpt':
      return 'the partition table'
    case 'foreign':
      return `${disk.table.what ?? 'a foreign table'}, with all its partitions,`
    case 'occupied':
      return `the contents (${holdsOf(model, disk).join(', ') || disk.table.what})`
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
