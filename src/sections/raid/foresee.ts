import {
  cleared,
  deviceAt,
  dormantAt,
  type Foreseen,
  type Model,
  type ModelDevice,
  requireDevice,
  withDevice,
} from '../../plan/model.ts'
import type { Config } from '../../spec/config.ts'
import {
  type ArrayFacts,
  type ConfigRaid,
  lacksMembers,
  levelOf,
  pathOf,
  type RaidFacts,
  type RaidStep,
} from './plan.ts'

/** The facts of every array of the config, from a model. */
export function foreseeRaid(model: Model, { storage: { disks, raid } }: Config): Foreseen<RaidFacts> {
  const ownPaths = new Set(raid.map(pathOf))
  const facts = new Map(
    raid.map((array) => {
      const outer = array.devices.filter((device) => !ownPaths.has(device))
      for (const device of outer) requireDevice(model, device)
      return [array.name, factsOf(model, array, disks)]
    }),
  )
  return { facts, unknowns: [] }
}

function factsOf(model: Model, array: ConfigRaid, disks: Disks): ArrayFacts {
  const path = pathOf(array)
  const found = array.devices.map((device) => ({ device, at: deviceAt(model, device) }))
  const members = found.map(({ device, at }) => ({ device, node: at?.path }))
  const there = deviceAt(model, path)
  const nothing = { isOurs: false, remains: [], occupied: undefined, stored: undefined, busy: undefined }
  const stored = storedOn(
    array,
    found.map(({ at }) => at?.raidMember),
  )
  const running = there?.raid && { ...there.raid, members: there.builtOn }
  if (there && running) {
    const busy = there.use === undefined ? undefined : { device: there.path, use: there.use }
    return lacksMembers(running, members)
      ? { ...nothing, path, members, running, stored, busy, remains: [there.path] }
      : { ...nothing, path, members, running }
  }
  const busy = found.flatMap(({ device, at }) => (at?.use === undefined ? [] : [{ device, use: at.use }]))
  const occupied = found.flatMap(({ device, at }) => {
    const [signature] = at?.signatures ?? []
    return at && signature && !mayBeWiped(model, at, disks) ? [{ device, what: signature.type }] : []
  })
  return {
    ...nothing,
    path,
    members,
    running: undefined,
    occupied: occupied[0],
    stored,
    busy: busy[0],
  }
}

type Disks = Config['storage']['disks']

/** Whether the config gives up what a device held, as the section itself sees it. */
function mayBeWiped(model: Model, { path, partitionOf }: ModelDevice, disks: Disks): boolean {
  return disks.some(({ device, wipeTable, partitions }) => {
    const disk = deviceAt(model, device)?.path
    if (disk === undefined || (disk !== path && disk !== partitionOf?.disk)) return false
    const isGivenUp = partitions.some(
      ({ number, wipePartitionEntry }) => wipePartitionEntry === true && number === partitionOf?.number,
    )
    return wipeTable === true || isGivenUp
  })
}

function storedOn({ name }: ConfigRaid, members: readonly ModelDevice['raidMember'][]): ArrayFacts['stored'] {
  const [first] = members
  const isOne = members.every((member) => member?.uuid === first?.uuid)
  const wanted = name.slice(name.lastIndexOf('/') + 1)
  if (!first || !isOne || first.name.split(':').at(-1) !== wanted) return undefined
  return { level: first.level, activeCount: first.activeCount, superblocks: [] }
}

/** The model after the steps. */
export const afterRaid = (model: Model, steps: readonly RaidStep[]): Model => steps.reduce(afterArray, model)

function afterArray(model: Model, { kind, array, path }: RaidStep): Model {
  const members = array.devices.map((device) => requireDevice(model, device))
  const activeCount = array.devices.length - Number(array.spares ?? 0)
  const made: ModelDevice = {
    path,
    links: [],
    kind: 'raid',
    sizeBytes: sizeOf(array, members),
    sectorBytes: members[0]?.sectorBytes ?? 512,
    builtOn: members.map((member) => member.path),
    raid: { level: levelOf(array), activeCount },
    isMade: true,
    isDormant: false,
    hidden:
      kind !== 'assemble'
        ? 'the array does not exist yet, and old data may lie in its place'
        : 'the array does not run yet',
  }
  const use = `held by ${JSON.stringify(path)}`
  const there = dormantAt(model, path) ?? deviceAt(model, path)
  if (kind === 'assemble') {
    const held = members.reduce((grown, member) => withDevice(grown, { ...member, use }), model)
    return withDevice(held, there ? { ...there, isDormant: false, builtOn: made.builtOn } : made)
  }
  const signatures = [{ type: 'linux_raid_member', usage: 'raid', uuid: '', label: array.name }]
  const held = members.reduce(
    (grown, member) =>
      withDevice(cleared(grown, member.path), { ...member, signatures, hidden: undefined, use }),
    model,
  )
  return withDevice(held, made)
}

/** About: mdadm keeps a little of every device for itself. */
function sizeOf(array: ConfigRaid, members: readonly ModelDevice[]): number {
  const count = array.devices.length - Number(array.spares ?? 0)
  const smallest = Math.min(...members.map(({ sizeBytes }) => sizeBytes))
  switch (levelOf(array)) {
    case 'linear':
      return members.slice(0, count).reduce((total, { sizeBytes }) => total + sizeBytes, 0)
    case 'raid0':
      return smallest * count
    case 'raid4':
    case 'raid5':
      return smallest * (count - 1)
    case 'raid6':
      return smallest * (count - 2)
    case 'raid10':
      return Math.floor((smallest * count) / 2)
    default:
      return smallest
  }
}
