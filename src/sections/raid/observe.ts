import { basename } from 'node:path/posix'
import { identityOf } from '../../block/identity.ts'
import { requirePrograms } from '../../block/require.ts'
import { readSignatures } from '../../block/signatures.ts'
import { readBlockDevice, readKernelPartitions } from '../../block/sysfs.ts'
import { readUse } from '../../block/usage.ts'
import { nodeOf, waitForDevices } from '../../block/wait.ts'
import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import {
  type ArrayFacts,
  type ConfigRaid,
  lacksMembers,
  pathOf,
  type RaidFacts,
  type RunningArray,
  type StoredArray,
} from './plan.ts'

/** Waits for the devices, except those that the section itself brings, and looks for arrays that are there. */
export async function observeRaid(context: SectionContext): Promise<RaidFacts> {
  const { system, config } = context
  const { raid } = config.storage
  requirePrograms(system, ['mdadm', 'wipefs'], 'making RAID arrays')
  const ownPaths = new Set(raid.map(pathOf))
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

/** The facts of one array as it is now. */
export async function observeArray(context: SectionContext, array: ConfigRaid): Promise<ArrayFacts> {
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
  const isPart = running !== undefined && lacksMembers(running, members)
  if (running && !isOurs && !isPart) return { ...nothing, path, members, running, isOurs }
  const remains = isOurs || isPart ? arraysOn(files, nodes) : []
  const isThere = nodes.length === members.length
  return {
    path,
    members,
    running,
    isOurs,
    remains,
    busy: busyOf(files, members, remains),
    stored: isThere ? await readStored(system, array, nodes) : undefined,
    occupied: isThere && !isOurs && !isPart ? await occupiedOf(context, members) : undefined,
  }
}

type Members = ArrayFacts['members']

/** Arrays that the kernel, or udev as soon as it saw the devices, has put together. */
function arraysOn(files: Files, nodes: readonly string[]): readonly string[] {
  const holders = nodes.flatMap((node) => readBlockDevice(files, node)?.holders ?? [])
  return [...new Set(holders)].filter((name) => name.startsWith('md')).map((name) => `/dev/${name}`)
}

function busyOf(files: Files, members: Members, remains: readonly string[]): ArrayFacts['busy'] {
  const useOf = readUse(files)
  for (const { device, node } of members) {
    const found = node === undefined ? undefined : readBlockDevice(files, node)
    const holders = found?.holders.filter((name) => !remains.includes(`/dev/${name}`)) ?? []
    const use = found && useOf({ ...found, holders })
    if (use !== undefined) return { device, use }
  }
  for (const node of remains) {
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

/** https://docs.kernel.org/admin-guide/md.html#md-devices-in-sysfs */
function readRunning(files: Files, path: string): RunningArray | undefined {
  if (files.stat(path)?.type !== 'block') return undefined
  const sysfs = `/sys/class/block/${basename(nodeOf(files, path))}`
  if (!files.stat(`${sysfs}/md/level`)) return undefined
  return {
    level: files.readText(`${sysfs}/md/level`).trim(),
    members: files.list(`${sysfs}/slaves`).map((name) => `/dev/${name}`),
    activeCount: Number.parseInt(files.readText(`${sysfs}/md/raid_disks`), 10),
  }
}

/** What the superblocks say; undefined unless they are all of one array with the right name. */
async function readStored(
  system: System,
  { name }: ConfigRaid,
  nodes: readonly string[],
): Promise<StoredArray | undefined> {
  const superblocks: ReadonlyMap<string, string>[] = []
  for (const node of nodes) {
    const args = ['--examine', '--export', node]
    const { exitCode, stdout } = await system.run('mdadm', args, { accept: [0, 1, 2, 4] })
    if (exitCode !== 0) return undefined
    superblocks.push(parseExport(stdout))
  }
  const [first] = superblocks
  const isOne = superblocks.every((each) => each.get('MD_UUID') === first?.get('MD_UUID'))
  // `HOMEHOST:NAME`, with the home host that the array was made for.
  const storedName = first?.get('MD_NAME')?.split(':').at(-1)
  if (!first?.get('MD_UUID') || !isOne || storedName !== basename(name)) return undefined
  return { level: first.get('MD_LEVEL') ?? '', activeCount: Number(first.get('MD_DEVICES')) }
}

/** Lines of `KEY=VALUE`. */
export function parseExport(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const equals = line.indexOf('=')
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1).trim()]]
    }),
  )
}
