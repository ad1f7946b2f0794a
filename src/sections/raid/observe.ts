import { basename } from 'node:path/posix'
import { requirePrograms } from '../../block/require.ts'
import { readBlockDevice } from '../../block/sysfs.ts'
import { readUse } from '../../block/usage.ts'
import { nodeOf, waitForDevices } from '../../block/wait.ts'
import { inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { Files, System } from '../../system/system.ts'
import {
  type ArrayFacts,
  type ConfigRaid,
  pathOf,
  type RaidFacts,
  type RunningArray,
  type StoredArray,
} from './plan.ts'

/** Waits for the devices, except those that the section itself brings, and looks for arrays that are there. */
export async function observeRaid({ system, config }: SectionContext): Promise<RaidFacts> {
  const { raid } = config.storage
  requirePrograms(system, ['mdadm'], 'making RAID arrays')
  const ownPaths = new Set(raid.map(pathOf))
  await waitForDevices(
    system,
    raid.flatMap(({ devices }) => devices.filter((device) => !ownPaths.has(device))),
  )
  const facts = new Map<string, ArrayFacts>()
  for (const array of raid) facts.set(array.name, await inPart({ part: array }, () => observe(system, array)))
  return facts
}

async function observe(system: System, array: ConfigRaid): Promise<ArrayFacts> {
  const { files } = system
  const path = pathOf(array)
  const members = array.devices.map((device) => ({
    device,
    node: files.stat(device)?.type === 'block' ? nodeOf(files, device) : undefined,
  }))
  const running = readRunning(files, path)
  if (running) return { path, members, running, stored: undefined, busy: undefined }
  const useOf = readUse(files)
  const busy = members.flatMap(({ device, node }) => {
    const found = node === undefined ? undefined : readBlockDevice(files, node)
    const use = found && useOf(found)
    return use === undefined ? [] : [{ device, use }]
  })
  const nodes = members.flatMap(({ node }) => node ?? [])
  const stored = nodes.length === members.length ? await readStored(system, array, nodes) : undefined
  return { path, members, running, stored, busy: busy[0] }
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
