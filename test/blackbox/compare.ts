import { basename } from 'node:path'
import type { Disk, Volume } from './case.ts'
import { hasTree } from './image.ts'
import { place, SECTOR_BYTES, typeGuidOf } from './layout.ts'
import { withMounted } from './mounted.ts'
import { run, start } from './program.ts'
import { compareTree } from './tree.ts'

interface TableEntry {
  readonly node: string
  readonly size: number
  readonly type: string
  readonly uuid: string
  readonly name?: string
}

/** What a disk differs from the one that a case expects, a sentence each. */
export async function compareDisk(device: string, expected: Disk): Promise<string[]> {
  const problems = await compareTable(device, expected)
  if (problems.length > 0) return problems
  const partitions = place(expected)
    .map(({ partition, number }) => ({ ...partition, Path: `${device}p${number}` }))
    .filter(({ FilesystemType: type, FilesystemUUID: uuid, FilesystemLabel: label }) => type ?? uuid ?? label)
  return compareVolumes(partitions)
}

/** What devices that hold filesystems differ from those that a case expects, a sentence each. */
export async function compareVolumes(volumes: readonly Volume[]): Promise<string[]> {
  if (volumes.length === 0) return []
  const paths = volumes.map(({ Path }) => Path)
  const stdout = (await run('wipefs', ['--json', '--no-act', ...paths])).toString().trim()
  const { signatures } = JSON.parse(stdout || '{"signatures":[]}') as { signatures: readonly Signature[] }
  const problems: string[] = []
  for (const volume of volumes) {
    const own = signatures.filter(({ device }) => device === basename(volume.Path))
    const found = compareFilesystem(own, volume)
    problems.push(...found)
    if (found.length > 0 || !hasTree(volume)) continue
    // by its type: mount makes no choice where there are several signatures
    const options = ['-o', 'ro', '-t', volume.FilesystemType ?? 'auto']
    problems.push(...(await withMounted(volume.Path, options, (top) => compareTree(top, volume))))
  }
  return problems
}

async function compareTable(device: string, expected: Disk): Promise<string[]> {
  const { exitCode, stdout } = await start('sfdisk', ['--json', device])
  const entries = exitCode === 0 ? readTable(stdout.toString()) : []
  const numberOf = ({ node }: TableEntry) => Number(node.slice(device.length + 1))
  const wanted = place(expected)
  const list = (numbers: readonly number[]) =>
    numbers.toSorted((one, other) => one - other).join(' ') || 'none'
  const found = list(entries.map(numberOf))
  const right = list(wanted.map(({ number }) => number))
  if (found !== right) return [`${device} has the partitions ${found}, not ${right}`]
  return wanted.flatMap(({ partition, number, sectors }) => {
    const entry = entries.find((one) => numberOf(one) === number)
    const differs = (what: string, is: string | number | undefined, should: string | number | undefined) =>
      should === undefined || `${is}`.toUpperCase() === `${should}`.toUpperCase()
        ? []
        : [`${device}p${number} has the ${what} ${is}, not ${should}`]
    return [
      ...differs('label', entry?.name ?? '', partition.Label ?? ''),
      ...differs('size in sectors', entry?.size, sectors),
      ...differs('type', entry?.type, typeGuidOf(partition)),
      ...differs('GUID', entry?.uuid, partition.GUID),
    ]
  })
}

function readTable(json: string): readonly TableEntry[] {
  const { partitiontable } = JSON.parse(json) as {
    partitiontable: { partitions?: readonly TableEntry[]; sectorsize?: number }
  }
  const unit = (partitiontable.sectorsize ?? SECTOR_BYTES) / SECTOR_BYTES
  return (partitiontable.partitions ?? []).map((entry) => ({ ...entry, size: entry.size * unit }))
}

interface Signature {
  /** The last part of the path that wipefs was given. */
  readonly device: string
  readonly type: string
  readonly uuid: string | null
  readonly label: string | null
}

/** By every signature that is on the device, since libblkid gives no answer for a device that has several. */
function compareFilesystem(signatures: readonly Signature[], expected: Volume): string[] {
  const { Path, FilesystemType: type, FilesystemUUID: uuid, FilesystemLabel: label } = expected
  const types = [...new Set(signatures.map((signature) => signature.type))]
  if (types.length > 1 && !expected.Ambivalent)
    return [`${Path} has signatures of ${types.join(' and ')}, not of ${type} alone`]
  const found = signatures.find((signature) => type === undefined || signature.type === type)
  if (found === undefined) return [`${Path} has ${types.join(' and ') || 'no filesystem'}, not ${type}`]
  const same = (one: string | null, other: string) =>
    one?.replaceAll('-', '').toLowerCase() === other.replaceAll('-', '').toLowerCase()
  return [
    ...(uuid === undefined || same(found.uuid, uuid)
      ? []
      : [`${Path} has the UUID ${found.uuid}, not ${uuid}`]),
    ...(label === undefined || found.label === label
      ? []
      : [`${Path} has the label ${found.label}, not ${label}`]),
  ]
}
