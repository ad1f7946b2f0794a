import type { Expansion } from './expansion.ts'
import { at, type Branch, branchesAt, type Tree, textAt, valueAt } from './tree.ts'
import { minds } from './variants.ts'

/** Warns of modes that were likely meant to be octal. */
export function adviseOnModes(config: Branch, { findings }: Expansion): void {
  for (const list of ['files', 'directories'] as const) {
    for (const node of branchesAt(config, 'storage', list)) {
      const mode = at(node, 'mode')
      const value = valueAt(mode)
      if (mode !== undefined && typeof value === 'number' && looksDecimal(value))
        findings.add('BU-MODE-DECIMAL', mode.from)
    }
  }
}

/** 644 is 01204, which nobody wants; 420 is 0644. */
function looksDecimal(mode: number): boolean {
  const digits = String(mode)
  return /^[1-7]?[0-7]{3}$/.test(digits) && !isUsual(mode) && isUsual(Number.parseInt(digits, 8))
}

/** Whether the owner may read, and nobody more than those before: owner, group, others. */
function isUsual(mode: number): boolean {
  const [owner, group, others] = [(mode >> 6) & 7, (mode >> 3) & 7, mode & 7] as const
  return mode <= 0o7777 && (owner & 4) !== 0 && (group & ~owner) === 0 && (others & ~group) === 0
}

/** Reserved labels of CoreOS images and their numbers. */
const reserved = new Map([
  ['BIOS-BOOT', 1],
  ['PowerPC-PReP-boot', 1],
  ['EFI-SYSTEM', 2],
  ['boot', 3],
  ['root', 4],
])

/** The whole system needs this much: <https://docs.fedoraproject.org/en-US/fedora-coreos/storage/>. */
const smallestRootMiB = 8192

const bootDisk = '/dev/disk/by-id/coreos-boot-disk'

/** Warns of partitions of CoreOS systems that will not be what their label says. */
export function adviseOnPartitions(config: Branch, { variant, findings }: Expansion): void {
  if (variant.name !== 'fcos' && variant.name !== 'openshift') return
  for (const disk of branchesAt(config, 'storage', 'disks')) {
    const partitions = branchesAt(disk, 'partitions')
    for (const [index, partition] of partitions.entries()) {
      const isKept = valueAt(disk, 'wipeTable') !== true
      const reason =
        rootReason(partition, partitions.slice(index + 1)) ??
        (isKept ? labelReason(disk, partition, minds(variant)) : undefined)
      if (reason !== undefined)
        findings.add('BU-PARTITION', (at(partition, 'label') ?? partition).from, reason)
    }
  }
}

function rootReason(partition: Branch, behind: readonly Branch[]): string | undefined {
  if (textAt(partition, 'label') !== 'root') return undefined
  const size = sizeOf(partition, 'sizeMiB')
  if (size !== 0)
    return size < smallestRootMiB ? `the root partition needs ${smallestRootMiB} MiB` : undefined
  return behind.some((other) => sizeOf(other, 'startMiB') === 0)
    ? 'the root partition ends where the next one begins; give it a size_mib'
    : undefined
}

function labelReason(disk: Tree, partition: Tree, mindsReuse: boolean): string | undefined {
  const label = textAt(partition, 'label')
  const number = sizeOf(partition, 'number')
  const wanted = reserved.get(label ?? '')
  if (wanted !== undefined && number !== wanted) return `the partition with this label has number ${wanted}`
  if (label === undefined || number !== 0 || textAt(disk, 'device') === bootDisk || !mindsReuse)
    return undefined
  return 'without a number or wipe_table an existing partition with this label is reused only if it fits; give a number'
}

function sizeOf(tree: Tree, name: string): number {
  const value = valueAt(tree, name)
  return value === undefined ? 0 : Number(value)
}
