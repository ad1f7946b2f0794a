import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disk, Partition, Tree } from './case.ts'
import { imageBytes, type Placed, place, typeGuidOf } from './layout.ts'
import { withMounted } from './mounted.ts'
import { run } from './program.ts'
import { putTree } from './tree.ts'

/** Bytes that a damaged table loses: the protective MBR, the GPT header and the first of its entries. */
const CORRUPT_BYTES = 1536

/** Images as they were before their files were put there, so that a disk that many cases share is made once. */
const templates = new Map<string, string>()

/** Makes the image file of a disk as a case wants it before, and gives its loop device. */
export async function attachDisk(folder: string, number: number, [before, after]: readonly [Disk, Disk]) {
  const image = join(folder, `disk${number}`)
  const bare = {
    ...before,
    Partitions: before.Partitions?.map(withoutTree),
    bytes: imageBytes(before, after),
  }
  const key = JSON.stringify(bare)
  const template = templates.get(key)
  await (template === undefined
    ? run('truncate', ['--size', `${bare.bytes}`, image])
    : run('cp', ['--sparse=always', template, image]))
  if (template === undefined) await partition(image, place(before))
  const device = await attach(image)
  if (template === undefined) {
    await Promise.all(place(before).map((placed) => format(`${device}p${placed.number}`, placed.partition)))
    const copy = join(folder, '..', `template${templates.size}`)
    await run('sync', ['--file-system', image])
    await run('blockdev', ['--flushbufs', device])
    await run('cp', ['--sparse=always', image, copy])
    templates.set(key, copy)
  }
  for (const { partition, number } of place(before))
    if (hasTree(partition)) await withMounted(`${device}p${number}`, [], (top) => putTree(top, partition))
  if (before.CorruptTable) await corrupt(image)
  return device
}

const treeFields: readonly string[] = [
  'Files',
  'Directories',
  'Links',
  'RemovedNodes',
] satisfies (keyof Tree)[]

function withoutTree(partition: Partition): unknown {
  return Object.fromEntries(Object.entries(partition).filter(([field]) => !treeFields.includes(field)))
}

/** Whether a case puts or expects something in a partition's filesystem. */
export function hasTree({ Files, Directories, Links, RemovedNodes }: Tree): boolean {
  return [Files, Directories, Links, RemovedNodes].some(
    (entries) => entries !== undefined && entries.length > 0,
  )
}

async function partition(image: string, all: readonly Placed[]): Promise<void> {
  if (all.length === 0) return
  const hybrid = all.filter((placed) => placed.partition.Hybrid).map(({ number }) => number)
  const args = all.flatMap(({ partition, number, start, sectors }) => {
    const type = typeGuidOf(partition)
    return [
      `--new=${number}:${start}:+${sectors}`,
      `--change-name=${number}:${partition.Label ?? ''}`,
      ...(type === undefined ? [] : [`--typecode=${number}:${type}`]),
      ...(partition.GUID === undefined ? [] : [`--partition-guid=${number}:${partition.GUID}`]),
    ]
  })
  await run('sgdisk', [...args, ...(hybrid.length > 0 ? [`--hybrid=${hybrid.join(':')}`] : []), image])
}

async function attach(image: string): Promise<string> {
  const stdout = await run('losetup', ['--partscan', '--find', '--show', image])
  return stdout.toString().trim()
}

async function format(device: string, partition: Partition): Promise<void> {
  const { FilesystemType: type = 'blank', FilesystemLabel: label, FilesystemUUID: uuid } = partition
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value])
  switch (type) {
    case 'blank':
      return
    case 'image': {
      const compressed = Buffer.from(partition.FilesystemImage ?? '', 'base64')
      const bytes = await run('bzip2', ['--decompress', '--stdout'], { input: compressed })
      await overwrite(device, bytes)
      return
    }
    case 'vfat':
      await run('mkfs.fat', [...option('-n', label), ...option('-i', uuid?.replace('-', '')), device])
      return
    case 'ext2':
    case 'ext4':
      await run('mke2fs', ['-q', '-t', type, ...option('-L', label), ...option('-U', uuid), device])
      return
    case 'btrfs':
      await run('mkfs.btrfs', ['--quiet', ...option('--label', label), ...option('--uuid', uuid), device])
      return
    case 'xfs':
      await run('mkfs.xfs', ['-q', ...option('-L', label), ...(uuid ? ['-m', `uuid=${uuid}`] : []), device])
      return
    case 'swap':
      await run('mkswap', [...option('--label', label), ...option('--uuid', uuid), device])
      return
    default:
      throw new Error(`The case wants a filesystem ${type}, which the runner cannot make.`)
  }
}

async function corrupt(image: string): Promise<void> {
  await overwrite(image, randomBytes(CORRUPT_BYTES))
}

async function overwrite(path: string, bytes: Uint8Array): Promise<void> {
  if (!existsSync(path))
    throw new Error(`${path} does not exist; does the kernel scan partitions of loop devices?`)
  const handle = await open(path, 'r+')
  try {
    await handle.write(bytes, 0, bytes.length, 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
