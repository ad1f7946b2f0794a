import { IgnitionError, inPart } from '../../errors.ts'
import type { Config } from '../../spec/config.ts'
import { dividedPair, type Superblock } from './superblock.ts'

export type ConfigRaid = Config['storage']['raid'][number]

/** An array that runs under the name that the config gives. */
export interface RunningArray {
  /** In the kernel's word: `raid1`. */
  readonly level: string
  /** Nodes of all its devices, spares too. */
  readonly members: readonly string[]
  /** How many of them are no spares. */
  readonly activeCount: number
}

/** What the devices of an array that does not run, or not with all of them, say they belong to. */
export interface StoredArray {
  readonly level: string
  readonly activeCount: number
  readonly superblocks: readonly Superblock[]
}

export interface ArrayFacts {
  /** Path of the array: `/dev/md/data`. */
  readonly path: string
  /** Nodes of the devices; undefined for one that an earlier array of the config brings. */
  readonly members: readonly { readonly device: string; readonly node: string | undefined }[]
  readonly running: RunningArray | undefined
  /** Only when all devices belong to one array with the name that the config gives. */
  readonly stored: StoredArray | undefined
  /** A device that is in use, and how. */
  readonly busy: { readonly device: string; readonly use: string } | undefined
  /** A device that holds something which the config does not say may go, and what. */
  readonly occupied: { readonly device: string; readonly what: string } | undefined
  /** Whether the array is unfinished work of an earlier run. */
  readonly isOurs: boolean
  /**
   * Arrays that the kernel has made of the devices, and of no others unless they are ours, by their nodes; none while one
   * runs with all of the devices, or what is stored on them is another.
   */
  readonly remains: readonly string[]
}

/** Name in the config → facts. */
export type RaidFacts = ReadonlyMap<string, ArrayFacts>

export interface RaidStep {
  /** `assemble` starts what is on the devices already; `look` finds out what to do when all devices are there. */
  readonly kind: 'create' | 'assemble' | 'look'
  readonly array: ConfigRaid
  readonly path: string
  readonly nodes: readonly string[]
  /** Arrays to stop first. */
  readonly remains: readonly string[]
  /** Of all devices when they belong to one array, else empty. */
  readonly superblocks: readonly Superblock[]
}

/** Steps for the arrays that do not run. Throws where something else is in the way. */
export function planRaid({ storage }: Config, facts: RaidFacts): readonly RaidStep[] {
  return storage.raid.flatMap((array) => {
    const known = facts.get(array.name)
    return known ? inPart({ part: array }, () => planArray(array, known)) : []
  })
}

function planArray(array: ConfigRaid, facts: ArrayFacts): readonly RaidStep[] {
  const { path, members, running, stored, busy, isOurs, remains } = facts
  const level = levelOf(array)
  const activeCount = activeCountOf(array)
  const nodes = members.flatMap(({ node }) => node ?? [])
  const isStored = stored?.level === level && stored.activeCount === activeCount
  if (running && isAsAsked(running, members, { level, activeCount })) return []
  if (running && !isOurs && !lacksMembers(running, members)) throw otherArray(array, path, running)
  const step = { array, path, nodes, remains, superblocks: stored?.superblocks ?? [] }
  if (nodes.length < members.length) return [{ ...step, kind: 'look' }]
  if (running && !isOurs && !isStored) throw otherArray(array, path, running)
  if (busy) throw deviceBusy(path, busy.device, busy.use)
  const divided = isStored ? dividedPair(step.superblocks) : undefined
  if (divided && !isOurs) throw dividedArray(path, divided)
  if (isStored && !divided) return [{ ...step, kind: 'assemble' }]
  const [held] = isOurs ? [] : remains
  if (held !== undefined)
    throw new IgnitionError({
      code: 'FL_DEVICE_BUSY',
      message: `cannot make RAID array ${JSON.stringify(path)}: another array, ${JSON.stringify(held)}, runs on its devices`,
    })
  refuseOccupied(path, facts)
  return [{ ...step, kind: 'create' }]
}

/** Whether there is no way to the array from what was found. */
export function isRefused(array: ConfigRaid, facts: ArrayFacts): boolean {
  try {
    planArray(array, facts)
    return false
  } catch {
    return true
  }
}

/** Whether the kernel has started an array with some of the devices: udev does when another comes late. */
export function lacksMembers({ members: running }: RunningArray, members: ArrayFacts['members']): boolean {
  const nodes = new Set(members.map(({ node }) => node))
  const awaited = members.filter(({ node }) => node === undefined)
  const unknown = running.filter((member) => !nodes.has(member))
  return running.length < members.length && unknown.length <= awaited.length
}

interface Shape {
  readonly level: string
  readonly activeCount: number
}

const activeCountOf = ({ devices, spares }: ConfigRaid) => devices.length - Number(spares ?? 0)

function isAsAsked(
  running: RunningArray,
  members: ArrayFacts['members'],
  { level, activeCount }: Shape,
): boolean {
  const nodes = new Set(members.map(({ node }) => node))
  return (
    running.level === level &&
    running.activeCount === activeCount &&
    running.members.length === nodes.size &&
    running.members.every((member) => nodes.has(member))
  )
}

const deviceBusy = (path: string, device: string, use: string) =>
  new IgnitionError({
    code: 'FL_DEVICE_BUSY',
    message: `cannot make RAID array ${JSON.stringify(path)}: its device ${JSON.stringify(device)} is ${use}`,
  })

const dividedArray = (path: string, [one, other]: readonly [string, string]) =>
  new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message:
      `cannot start RAID array ${JSON.stringify(path)}: ${JSON.stringify(one)} and ${JSON.stringify(other)} have each ` +
      'been written to without the other, and only you can say which holds what you want to keep; wipe the other with ' +
      'mdadm --zero-superblock, then start the array without it and add it again',
  })

function otherArray(array: ConfigRaid, path: string, running: RunningArray): IgnitionError {
  return new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message:
      `RAID array ${JSON.stringify(path)} is there already and not as asked for: it is ${running.level} of ` +
      `${running.activeCount} with ${running.members.join(', ')}, the config asks for ${levelOf(array)} of ` +
      `${activeCountOf(array)} with ${array.devices.join(', ')}; an array is never replaced, use another name or wipe ` +
      'its devices',
  })
}

/** An array cannot be told to wipe; the disk or the partition that it is made of can. */
function refuseOccupied(path: string, { occupied, isOurs }: ArrayFacts): void {
  if (isOurs || !occupied) return
  throw new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message:
      `cannot make RAID array ${JSON.stringify(path)}: its device ${JSON.stringify(occupied.device)} holds ${occupied.what}; ` +
      'set wipeTable for its disk or wipePartitionEntry for its partition to replace that, or wipe the device',
  })
}

/** mdadm(8) takes several words for one level; the kernel has one. */
export function levelOf({ level = '' }: ConfigRaid): string {
  if (level === 'stripe') return 'raid0'
  if (level === 'mirror') return 'raid1'
  return /^\d+$/.test(level) ? `raid${level}` : level
}

/** Where an array appears. */
export const pathOf = ({ name }: Pick<ConfigRaid, 'name'>) =>
  name.startsWith('/dev') ? name : `/dev/md/${name}`

/** Arguments for mdadm(8). */
export function mdadmArguments(
  { kind, array }: Pick<RaidStep, 'kind' | 'array'>,
  devices: readonly string[],
): readonly string[] {
  if (kind === 'assemble') return ['--assemble', pathOf(array), '--run', ...devices]
  const spares = Number(array.spares ?? 0)
  return [
    '--create',
    array.name,
    '--force',
    '--run',
    '--homehost',
    'any',
    '--level',
    array.level ?? '',
    '--raid-devices',
    String(devices.length - spares),
    ...(spares > 0 ? ['--spare-devices', String(spares)] : []),
    ...array.options,
    ...devices,
  ]
}
