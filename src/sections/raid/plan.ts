import { IgnitionError, inPart } from '../../errors.ts'
import type { Config } from '../../spec/config.ts'

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

/** What the devices of an array that does not run say they belong to. */
export interface StoredArray {
  readonly level: string
  readonly activeCount: number
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
}

/** Name in the config → facts. */
export type RaidFacts = ReadonlyMap<string, ArrayFacts>

export interface RaidStep {
  /** `assemble` starts what is on the devices already. */
  readonly kind: 'create' | 'assemble'
  readonly array: ConfigRaid
  readonly path: string
}

/** Steps for the arrays that do not run. Throws where something else is in the way. */
export function planRaid({ storage }: Config, facts: RaidFacts): readonly RaidStep[] {
  return storage.raid.flatMap((array) => {
    const known = facts.get(array.name)
    return known ? inPart({ part: array }, () => planArray(array, known)) : []
  })
}

function planArray(
  array: ConfigRaid,
  { path, members, running, stored, busy }: ArrayFacts,
): readonly RaidStep[] {
  const level = levelOf(array)
  const activeCount = array.devices.length - Number(array.spares ?? 0)
  if (running) {
    const nodes = new Set(members.map(({ node }) => node))
    const isSame =
      running.level === level &&
      running.activeCount === activeCount &&
      running.members.length === nodes.size &&
      running.members.every((member) => nodes.has(member))
    if (isSame) return []
    throw new IgnitionError({
      code: 'FL_DEVICE_OCCUPIED',
      message:
        `RAID array ${JSON.stringify(path)} is there already and not as asked for: it is ${running.level} of ` +
        `${running.activeCount} with ${running.members.join(', ')}, the config asks for ${level} of ${activeCount} ` +
        `with ${array.devices.join(', ')}; an array is never replaced, use another name or wipe its devices`,
    })
  }
  if (busy)
    throw new IgnitionError({
      code: 'FL_DEVICE_BUSY',
      message: `cannot make RAID array ${JSON.stringify(path)}: its device ${JSON.stringify(busy.device)} is ${busy.use}`,
    })
  const isStored = stored?.level === level && stored.activeCount === activeCount
  return [{ kind: isStored ? 'assemble' : 'create', array, path }]
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
export function mdadmArguments({ kind, array }: RaidStep, devices: readonly string[]): readonly string[] {
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
