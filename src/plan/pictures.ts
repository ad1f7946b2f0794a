import type { PartitionEntry } from '../block/gpt.ts'
import type { Config } from '../spec/config.ts'
import { deviceAt, type Model, type ModelDevice, partitionsOf } from './model.ts'
import type { DiskPicture, Segment } from './shape-of-plan.ts'
import { holdsOf } from './words.ts'

/** Gaps that are only there for alignment are not shown. */
const smallestGapBytes = 1024 * 1024

/** The disks that the config has to do with, before and after: those it names, and those under what it names. */
export function picturesOf(before: Model, after: Model, config: Config): readonly DiskPicture[] {
  const { disks, filesystems, luks, raid } = config.storage
  const named = [
    ...disks.map(({ device }) => device),
    ...filesystems.map(({ device }) => device),
    ...luks.flatMap(({ device }) => device ?? []),
    ...raid.flatMap(({ devices }) => devices),
  ]
  const byPath = new Map<string, string>()
  for (const name of named)
    for (const path of wholeDisks(after, name))
      if (!byPath.has(path)) byPath.set(path, nameOf(config, after, path))
  return [...byPath].flatMap(([path, device]) => {
    const [old, next] = [deviceAt(before, path), deviceAt(after, path)]
    if (!old || !next) return []
    const { sizeBytes, sectorBytes } = old
    const looks = { before: segmentsOf(before, old, after), after: segmentsOf(after, next, before) }
    const marked = { before: looks.before.map(gone), after: looks.after.map(made) }
    return [{ device, path, sizeBytes, sectorBytes, ...marked }]
  })
}

const gone = ({ isSame, ...segment }: Look): Segment =>
  segment.kind === 'free'
    ? segment
    : { ...segment, mark: isSame === 'yes' ? 'kept' : isSame === 'no' ? 'gone' : 'changed' }

const made = ({ isSame, ...segment }: Look): Segment =>
  segment.kind === 'free'
    ? segment
    : { ...segment, mark: isSame === 'yes' ? 'kept' : isSame === 'no' ? 'made' : 'changed' }

/** The config's own name for a disk; the kernel's when it has none. */
const nameOf = ({ storage }: Config, model: Model, path: string) =>
  storage.disks.find(({ device }) => deviceAt(model, device)?.path === path)?.device ?? path

/** The disks at the bottom of what a path leads to. */
function wholeDisks(model: Model, path: string): readonly string[] {
  const device = deviceAt(model, path)
  if (!device) return []
  const below = device.partitionOf ? [device.partitionOf.disk] : device.builtOn
  const others = model.filter((each) => each !== device)
  return below.length === 0 ? [device.path] : below.flatMap((each) => wholeDisks(others, each))
}

interface Look extends Segment {
  /** Whether it is there on the other side, and holds the same. */
  readonly isSame: 'yes' | 'no' | 'in part'
}

/** Partitions and free space in the order of their places. */
function segmentsOf(model: Model, disk: ModelDevice, other: Model): readonly Look[] {
  const sizeSectors = Math.floor(disk.sizeBytes / disk.sectorBytes)
  const holds = holdsOf(model, disk)
  if (disk.table?.kind !== 'gpt') {
    const what = disk.table === undefined ? 'not known' : disk.table.what
    const same = deviceAt(other, disk.path)?.signatures === disk.signatures ? 'yes' : 'no'
    if (what === undefined && holds.length === 0) return [free(0, sizeSectors)]
    const named = holds.length > 0 ? holds : [what ?? '']
    return [{ kind: 'whole', mark: 'kept', start: 0, size: sizeSectors, holds: named, isSame: same }]
  }
  const devices = partitionsOf(model, disk.path)
  const others = deviceAt(other, disk.path)?.table?.partitions ?? []
  const segments: Look[] = []
  let end = 0
  for (const entry of (disk.table.partitions ?? []).toSorted((a, b) => a.start - b.start)) {
    const { number, label, typeGuid, start, size } = entry
    if ((start - end) * disk.sectorBytes > smallestGapBytes) segments.push(free(end, start - end))
    const device = devices.find(({ partitionOf }) => partitionOf?.number === number)
    const isSame = others.includes(entry) ? sameContents(other, device) : isResized(entry, others)
    const inside = device ? holdsOf(model, device) : []
    segments.push({
      kind: 'partition',
      mark: 'kept',
      number,
      label,
      typeGuid,
      start,
      size,
      holds: inside,
      isSame,
    })
    end = start + size
  }
  if ((sizeSectors - end) * disk.sectorBytes > smallestGapBytes) segments.push(free(end, sizeSectors - end))
  return segments
}

/** The same partition with another size. */
const isResized = ({ guid, start }: PartitionEntry, others: readonly PartitionEntry[]): Look['isSame'] =>
  others.some((each) => each.guid === guid && each.start === start) && guid !== '' ? 'in part' : 'no'

const free = (start: number, size: number): Look => ({
  kind: 'free',
  mark: 'free',
  start,
  size,
  holds: [],
  isSame: 'yes',
})

function sameContents(other: Model, device: ModelDevice | undefined): Look['isSame'] {
  if (!device) return 'yes'
  const there = deviceAt(other, device.path)
  return there?.signatures === device.signatures && there?.luks === device.luks ? 'yes' : 'in part'
}
