import { basename } from 'node:path/posix'
import { identityOf } from '../../block/identity.ts'
import { requirePrograms } from '../../block/require.ts'
import { readSignatures } from '../../block/signatures.ts'
import { readBlockDevice, readKernelPartitions } from '../../block/sysfs.ts'
import { readUse } from '../../block/usage.ts'
import { hasUdev, nodeOf, settleUdev, waitForDevices } from '../../block/wait.ts'
import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import {
  type ArrayFacts,
  type ConfigRaid,
  isRefused,
  lacksMembers,
  pathOf,
  type RaidFacts,
  type RunningArray,
  type StoredArray,
} from './plan.ts'
import { parseSuperblock, type Superblock } from './superblock.ts'

/** Waits for the devices, except those that the section itself brings, and looks for arrays that are there. */
export async function observeRaid(context: SectionContext): Promise<RaidFacts> {
  const { system, config } = context
  const { raid } = config.storage
  requirePrograms(system, ['mdadm', 'wipefs'], 'making RAID arrays')
  const ownPaths = new Set(raid.map(pathOf))
  await settleUdev(system)
  await waitForDevices(
    system,
    raid.flatMap(({ devices }) => devices.filter((device) => !ownPaths.has(device))),
  )
  const facts = new Map<string, ArrayFacts>()
  for (const array of raid)
    facts.set(array.name, await inPart({ part: array }, () => observeArray(context, array)))
  return facts
}

/** The name of an array in the journal of steps. */
export const claimOf = (files: Files, name: string, nodes: readonly string[]) =>
  `array ${name} on ${nodes.map((node) => identityOf(files, node)).join(' ')}`

/** Looks at an array that would be refused: together with udev's own time, a few seconds. */
const mostLooks = 3

/**
 * The facts of one array. A disk none of whose partitions is in use loses them for a moment when udev has the kernel read
 * its table again, as it does whenever somebody has had the disk open for writing: nothing is refused before udev is done.
 */
export async function observeArray(context: SectionContext, array: ConfigRaid): Promise<ArrayFacts> {
  const { system, config } = context
  const ownPaths = new Set(config.storage.raid.map(pathOf))
  let facts = await lookAt(context, array)
  for (let looks = 1; looks < mostLooks && hasUdev(system.files); looks += 1) {
    const gone = facts.members.filter(({ device, node }) => node === undefined && !ownPaths.has(device))
    if (gone.length === 0 && !isRefused(array, facts)) break
    system.log('info', `looking at RAID array ${quote(facts.path)} again when udev is done`)
    await settleUdev(system)
    await waitForDevices(
      system,
      gone.map(({ device }) => device),
    )
    facts = await lookAt(context, array)
  }
  return facts
}

async function lookAt(context: SectionContext, array: ConfigRaid): Promise<ArrayFacts> {
  const { system, earlier } = context
  const { files } = system
  const path = pathOf(array)
  const members = array.devices.map((device) => ({
    device,
    node: files.stat(device)?.type === 'block' ? nodeOf(files, device) : undefined,
  }))
  const running = readRunning(files, path)
  const nodes = members.flatMap(({ node }) => node ?? [])
  const isOurs = earlier.look(claimOf(files, array.name, nodes)).kind === 'begun'
  if (isOurs) system.log('notice', `RAID array ${quote(path)} is unfinished work of an earlier run`)
  const nothing = { stored: undefined, busy: undefined, occupied: undefined, remains: [] }
  const mayStart = running === undefined || lacksMembers(running, members)
  if (!mayStart && !isOurs) return { ...nothing, path, members, running, isOurs }
  const isThere = nodes.length === members.length
  const stored = isThere ? await readStored(system, array, nodes) : undefined
  const found = arraysOn(files, nodes)
  const parts = stored
    ? found.filter((each) => slavesOf(files, each).every((node) => nodes.includes(node)))
    : []
  const remains = isOurs ? found : parts
  return {
    path,
    members,
    running,
    isOurs,
    remains,
    stored,
    busy: busyOf(files, members, remains),
    occupied: isThere && !isOurs && running === undefined ? await occupiedOf(context, members) : undefined,
  }
}

type Members = ArrayFacts['members']

/** Arrays that the kernel, or udev as soon as it saw the devices, has put together. */
function arraysOn(files: Files, nodes: readonly string[]): readonly string[] {
  const holders = nodes.flatMap((node) => readBlockDevice(files, node)?.holders ?? [])
  return [...new Set(holders)].filter((name) => name.startsWith('md')).map((name) => `/dev/${name}`)
}

/** Nodes of the devices that an array runs with. */
export function slavesOf(files: Files, node: string): readonly string[] {
  const directory = `/sys/class/block/${basename(node)}/slaves`
  return files.stat(directory) ? files.list(directory).map((name) => `/dev/${name}`) : []
}

function busyOf(files: Files, members: Members, remains: readonly string[]): ArrayFacts['busy'] {
  const useOf = readUse(files)
  for (const { device, node } of members) {
    const found = node === undefined ? undefined : readBlockDevice(files, node)
    const holders = found?.holders.filter((name) => !remains.includes(`/dev/${name}`)) ?? []
    const use = found && useOf({ ...found, holders })
    if (use !== undefined) return { device, use }
  }
  const partitions = remains.flatMap((node) => readKernelPartitions(files, node).map((each) => each.node))
  for (const node of [...remains, ...partitions]) {
    const found = readBlockDevice(files, node)
    const use = found && useOf(found)
    if (use !== undefined) return { device: node, use }
  }
  return undefined
}

async function occupiedOf(context: SectionContext, members: Members): Promise<ArrayFacts['occupied']> {
  for (const { device, node } of members) {
    if (node === undefined || mayBeWiped(context, node)) continue
    const [found] = await readSignatures(context.system, node)
    if (found) return { device, what: found.type }
  }
  return undefined
}

/** Whether the config gives up what a device held: with the table of its disk, or with its partition's entry. */
function mayBeWiped({ system, config }: SectionContext, node: string): boolean {
  const { files } = system
  return config.storage.disks.some(({ device, wipeTable, partitions }) => {
    const disk = nodeOf(files, device)
    const partition = readKernelPartitions(files, disk).find((each) => each.node === node)
    if (partition === undefined && disk !== node) return false
    if (wipeTable === true) return true
    return partitions.some(
      ({ number, wipePartitionEntry }) => wipePartitionEntry === true && number === partition?.number,
    )
  })
}

/** Array states in which there is nothing to read: https://docs.kernel.org/admin-guide/md.html#md-devices-in-sysfs */
const idleStates = ['clear', 'inactive']

function readRunning(files: Files, path: string): RunningArray | undefined {
  if (files.stat(path)?.type !== 'block') return undefined
  const node = nodeOf(files, path)
  const attributes = `/sys/class/block/${basename(node)}/md`
  const read = (name: string) =>
    files.stat(`${attributes}/${name}`) ? files.readText(`${attributes}/${name}`).trim() : undefined
  const level = read('level')
  if (level === undefined || idleStates.includes(read('array_state') ?? '')) return undefined
  return {
    level,
    members: slavesOf(files, node),
    activeCount: Number.parseInt(read('raid_disks') ?? '', 10),
  }
}

/** What the superblocks say; undefined unless they are all of one array with the right name. */
async function readStored(
  system: System,
  { name }: ConfigRaid,
  nodes: readonly string[],
): Promise<StoredArray | undefined> {
  const superblocks: Superblock[] = []
  for (const node of nodes) {
    const examine = async (...options: readonly string[]) =>
      system.run('mdadm', ['--examine', ...options, node], { accept: [0, 1, 2, 4] })
    const { exitCode, stdout } = await examine('--export')
    if (exitCode !== 0) return undefined
    superblocks.push(parseSuperblock(node, stdout, (await examine()).stdout))
  }
  const [first] = superblocks
  const isOne = superblocks.every(({ uuid }) => uuid === first?.uuid)
  if (!first?.uuid || !isOne || first.name.split(':').at(-1) !== basename(name)) return undefined
  return { level: first.level, activeCount: first.activeCount, superblocks }
}
