import type { Signature } from '../block/signatures.ts'
import { IgnitionError } from '../errors.ts'
import type { Machine, MachineDevice } from './machine.ts'

/** A block device as it is at some point of a plan. */
export interface ModelDevice extends MachineDevice {
  /** Whether the plan makes it: then it does not exist yet. */
  readonly isMade: boolean
  /** Whether it is there only while the described system runs, and not when a first boot begins. */
  readonly isDormant: boolean
  /** Why its contents are not known; then `signatures` is undefined. */
  readonly hidden: string | undefined
}

/** The block devices of a machine at some point of a plan. */
export type Model = readonly ModelDevice[]

/** Something that only the run itself will know. */
export interface Unknown {
  /** Device, path or name. */
  readonly subject: string
  readonly reason: string
  /** What the plan goes on with. */
  readonly taken: string
}

/** Facts for a section's own `plan`, from a model instead of the machine. */
export interface Foreseen<Facts> {
  readonly facts: Facts
  readonly unknowns: readonly Unknown[]
}

/**
 * The model of a machine as it was described. A first boot begins with nothing mounted, no array started and no volume
 * open, whatever a system that was running then had in use.
 */
export const modelOf = ({ devices, where }: Pick<Machine, 'devices' | 'where'>): Model =>
  devices.map(({ use, ...device }) => ({
    ...device,
    ...(where === 'initramfs' && use !== undefined && { use }),
    isMade: false,
    isDormant: where === 'system' && (device.kind === 'raid' || device.kind === 'luks'),
    hidden: device.signatures === undefined ? 'the description does not say what is on it' : undefined,
  }))

/** Whether the description is of a machine in use, and the model leaves that out. */
export const isAtRest = ({ devices, where }: Pick<Machine, 'devices' | 'where'>): boolean =>
  where === 'system' && devices.some(({ use }) => use !== undefined)

/** A path without `.`, `..` and empty components, by the letters. */
function clean(path: string): string {
  const components: string[] = []
  for (const component of path.split('/')) {
    if (component === '..') components.pop()
    else if (component !== '' && component !== '.') components.push(component)
  }
  return `/${components.join('/')}`
}

/** The device that a path leads to. Of several that claim a link the latest has it, as with udev. */
export const deviceAt = (model: Model, path: string): ModelDevice | undefined =>
  named(
    model.filter(({ isDormant }) => !isDormant),
    clean(path),
  )

/** A device that a section of the config, or something else in the initramfs, may bring back. */
export const dormantAt = (model: Model, path: string): ModelDevice | undefined =>
  named(
    model.filter(({ isDormant }) => isDormant),
    clean(path),
  )

const named = (model: Model, path: string) =>
  model.find((device) => device.path === path) ?? model.findLast(({ links }) => links.includes(path))

/** As `deviceAt`; throws `FL_DEVICE_MISSING` with the names that are there. */
export function requireDevice(model: Model, path: string): ModelDevice {
  const found = deviceAt(model, path) ?? dormantAt(model, path)
  if (found) return found
  const directory = clean(path).slice(0, clean(path).lastIndexOf('/'))
  const names = model
    .flatMap((device) => [device.path, ...device.links])
    .filter((each) => each.slice(0, each.lastIndexOf('/')) === directory)
    .map((each) => each.slice(directory.length + 1))
  const there = names.length === 0 ? 'nothing' : names.join(', ')
  throw new IgnitionError({
    code: 'FL_DEVICE_MISSING',
    message: `there is no device ${JSON.stringify(path)}: ${JSON.stringify(directory)} has ${there}`,
  })
}

/** The model with a device changed, or added. */
export const withDevice = (model: Model, device: ModelDevice): Model =>
  model.some(({ path }) => path === device.path)
    ? model.map((each) => (each.path === device.path ? device : each))
    : [...model, device]

/** The partitions of a disk. */
export const partitionsOf = (model: Model, disk: string): readonly ModelDevice[] =>
  model.filter(({ partitionOf }) => partitionOf?.disk === disk)

/** The model without some devices and all that is built on them. */
export function withoutDevices(model: Model, paths: readonly string[]): Model {
  if (paths.length === 0) return model
  const onThem = model.filter(
    ({ path, builtOn, partitionOf }) =>
      !paths.includes(path) &&
      (builtOn.some((each) => paths.includes(each)) ||
        (partitionOf !== undefined && paths.includes(partitionOf.disk))),
  )
  return withoutDevices(
    model.filter(({ path }) => !paths.includes(path)),
    onThem.map(({ path }) => path),
  )
}

/** The model without all that is built on a device: it is written to anew. */
export const cleared = (model: Model, path: string): Model =>
  withoutDevices(
    model,
    model.filter(({ builtOn }) => builtOn.includes(path)).map((each) => each.path),
  )

/** What the kernel calls a partition: `/dev/sda1`, `/dev/nvme0n1p1`. */
export const partitionPath = (disk: string, number: number) =>
  `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`

/** Characters that udev leaves as they are in the name of a link; the others become `\x20`. */
const plain = /[\w#+\-.:=@]|[^\x20-\x7e]/

/** A label as udev writes it in the name of a link. */
export const inLink = (label: string) =>
  Array.from(label, (character) =>
    plain.test(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  ).join('')

/** The links that udev makes for a filesystem. */
const filesystemLinks = ({ label, uuid }: { label?: string | undefined; uuid?: string | undefined }) => [
  ...(label ? [`/dev/disk/by-label/${inLink(label)}`] : []),
  ...(uuid ? [`/dev/disk/by-uuid/${inLink(uuid)}`] : []),
]

/** A device whose contents are known, with the links that they give it. */
export function holding(device: ModelDevice, signatures: readonly Signature[]): ModelDevice {
  const own = device.links.filter((link) => !/^\/dev\/disk\/by-(label|uuid)\//.test(link))
  return { ...device, signatures, hidden: undefined, links: [...own, ...signatures.flatMap(filesystemLinks)] }
}
