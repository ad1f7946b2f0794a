import { basename } from 'node:path/posix'
import { type DiskGeometry, parseGptTable } from '../block/gpt.ts'
import { readSignatures, type Signature } from '../block/signatures.ts'
import { signaturesAt } from '../block/signatures-at.ts'
import { type BlockDevice, kernelSectorBytes, readBlockDevice, readKernelPartitions } from '../block/sysfs.ts'
import { readUse, type UseOf } from '../block/usage.ts'
import { nodeOf } from '../block/wait.ts'
import { tableWithout } from '../sections/disks/observe.ts'
import { readHeader } from '../sections/luks/observe.ts'
import { parseExport } from '../sections/raid/superblock.ts'
import type { Files, System } from '../system/system.ts'
import type { MachineDevice } from './machine.ts'
import { partitionPath } from './model.ts'

const sysfs = '/sys/class/block'

/** Says what could not be seen, and why. */
type Miss = (reason: string) => void

interface Looking {
  readonly system: System
  readonly miss: Miss
  readonly useOf: UseOf
  /** Node → links that lead to it. */
  readonly links: ReadonlyMap<string, readonly string[]>
}

/** Describes every block device that has a size: what it is, what is on it, and how it is in use. */
export async function inspectDevices(system: System, miss: Miss): Promise<readonly MachineDevice[]> {
  const { files } = system
  if (files.stat(sysfs)?.type !== 'directory') {
    miss(`block devices: ${sysfs} is not there`)
    return []
  }
  const looking = { system, miss, useOf: readUse(files), links: readLinks(files) }
  const nodes = files.list(sysfs).map((name) => `/dev/${name.replaceAll('!', '/')}`)
  const numbers = new Map(
    nodes.flatMap((disk) =>
      readKernelPartitions(files, disk).map(({ node, number }) => [node, { disk, number }] as const),
    ),
  )
  const devices: MachineDevice[] = []
  for (const node of nodes) {
    const device = readBlockDevice(files, node)
    if (!device || device.sizeKernelSectors === 0 || /^\/dev\/(zram|ram|sr|fd)\d/.test(node)) continue
    const described = await describe(looking, device, numbers.get(node))
    devices.push(described, ...(await unknownToKernel(looking, described, numbers)))
  }
  return devices
}

function readLinks(files: Files): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, string[]>()
  for (const link of ['/dev/disk', '/dev/mapper', '/dev/md'].flatMap((directory) =>
    linksIn(files, directory),
  )) {
    const node = nodeOf(files, link)
    links.set(node, [...(links.get(node) ?? []), link])
  }
  return links
}

/** Directories of links have directories of their own: `/dev/disk/by-id`, `/dev/disk/azure/scsi1`. */
function linksIn(files: Files, directory: string): readonly string[] {
  if (files.lstat(directory)?.type !== 'directory') return []
  return files.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`
    return files.lstat(path)?.type === 'symlink' ? [path] : linksIn(files, path)
  })
}

async function describe(
  looking: Looking,
  device: BlockDevice,
  partitionOf: MachineDevice['partitionOf'],
): Promise<MachineDevice> {
  const { system, useOf, links, miss } = looking
  const { node } = device
  const signatures = await attempt(miss, `what is on ${node}`, async () => readSignatures(system, node))
  const use = useOf(device)
  const raid = readRaid(system.files, node)
  const table = partitionOf ? undefined : readTable(looking, device, signatures)
  return {
    path: node,
    links: links.get(node) ?? [],
    kind: partitionOf ? 'partition' : raid ? 'raid' : kindOf(system.files, device),
    sizeBytes: device.sizeKernelSectors * kernelSectorBytes,
    sectorBytes: device.logicalSectorBytes,
    ...(partitionOf && { partitionOf }),
    builtOn: slavesOf(system.files, node),
    ...(table && { table }),
    ...(signatures && { signatures }),
    ...(use !== undefined && { use }),
    ...(await readMarks(looking, node, signatures ?? [])),
    ...(raid && { raid }),
  }
}

async function attempt<T>(miss: Miss, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    miss(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function slavesOf(files: Files, node: string): readonly string[] {
  const directory = `${sysfs}/${basename(node)}/slaves`
  return files.stat(directory) ? files.list(directory).map((name) => `/dev/${name}`) : []
}

/** The device mapper's id of a volume that cryptsetup opened begins with this. */
const cryptMark = 'CRYPT-'

function kindOf(files: Files, { node, mapperName }: BlockDevice): MachineDevice['kind'] {
  if (mapperName === undefined) return 'disk'
  const uuid = `${sysfs}/${basename(node)}/dm/uuid`
  return files.stat(uuid) && files.readText(uuid).startsWith(cryptMark) ? 'luks' : 'other'
}

function readRaid(files: Files, node: string): MachineDevice['raid'] {
  const path = `${sysfs}/${basename(node)}/md`
  if (!files.stat(`${path}/level`)) return undefined
  const activeCount = Number.parseInt(files.readText(`${path}/raid_disks`), 10)
  return { level: files.readText(`${path}/level`).trim(), activeCount }
}

function readTable(
  { system, miss }: Looking,
  { node, logicalSectorBytes: sectorBytes, sizeKernelSectors }: BlockDevice,
  signatures: readonly Signature[] | undefined,
): MachineDevice['table'] {
  const geometry: DiskGeometry = {
    sectorBytes,
    sizeSectors: Math.floor((sizeKernelSectors * kernelSectorBytes) / sectorBytes),
  }
  try {
    const found = parseGptTable((offset, length) => system.files.readAt(node, offset, length), geometry)
    if (!found) return signatures && tableWithout(signatures)
    const { partitions, usable } = found
    return { kind: 'gpt', firstUsableSector: usable.first, lastUsableSector: usable.last, partitions }
  } catch (error) {
    miss(`the partition table of ${node}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

async function readMarks(
  { system, miss }: Looking,
  node: string,
  signatures: readonly Signature[],
): Promise<Pick<MachineDevice, 'luks' | 'raidMember'>> {
  const has = (type: string) => signatures.some((each) => each.type === type)
  if (has('crypto_LUKS')) {
    const header = await attempt(miss, `the LUKS header of ${node}`, async () => readHeader(system, node))
    return header ? { luks: { uuid: '', label: '', flags: [], ...header } } : {}
  }
  if (!has('linux_raid_member')) return {}
  const member = await attempt(miss, `the RAID superblock of ${node}`, async () => {
    const { stdout } = await system.run('mdadm', ['--examine', '--export', node])
    const words = parseExport(stdout)
    return {
      uuid: words.get('MD_UUID') ?? '',
      name: words.get('MD_NAME') ?? '',
      level: words.get('MD_LEVEL') ?? '',
      activeCount: Number(words.get('MD_DEVICES') ?? 0),
    }
  })
  return member ? { raidMember: member } : {}
}

/** Partitions of a table that the kernel does not show: it has no support for GPT, or has not looked again. */
async function unknownToKernel(
  { system, miss }: Looking,
  disk: MachineDevice,
  known: ReadonlyMap<string, NonNullable<MachineDevice['partitionOf']>>,
): Promise<readonly MachineDevice[]> {
  const { path, sectorBytes, table, kind } = disk
  const shown = new Set([...known.values()].filter((each) => each.disk === path).map(({ number }) => number))
  const hidden = kind === 'other' ? [] : (table?.partitions ?? []).filter(({ number }) => !shown.has(number))
  const devices: MachineDevice[] = []
  for (const { number, start, size } of hidden) {
    const node = partitionPath(path, number)
    const extent = {
      disk: path,
      startBytes: start * sectorBytes,
      sizeBytes: size * sectorBytes,
    }
    const signatures = await attempt(miss, `what is on partition ${number} of ${path}`, async () =>
      signaturesAt(system, extent),
    )
    devices.push({
      path: node,
      links: [],
      kind: 'partition',
      sizeBytes: extent.sizeBytes,
      sectorBytes,
      partitionOf: { disk: path, number },
      builtOn: [],
      ...(signatures && { signatures }),
    })
  }
  return devices
}
