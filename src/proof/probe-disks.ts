import { nodeOf } from '../block/wait.ts'
import { inLink, partitionPath } from '../plan/model.ts'
import type { SectionContext } from '../section.ts'
import { observeDisks } from '../sections/disks/observe.ts'
import { type DiskFacts, type DiskStep, entriesOf, planDisks } from '../sections/disks/plan.ts'
import { type PartitionRequest, requestsOf } from '../sections/disks/request.ts'
import type { ConfigPartition } from '../spec/config.ts'
import type { Files } from '../system/system.ts'
import type { Outlook, Prospect } from './outlook.ts'

/** Rehearses the partition tables and says what they will leave. Throws where the config and a disk clash. */
export async function probeDisks(context: SectionContext, outlook: Outlook): Promise<void> {
  const { files } = context.system
  const { disks } = context.config.storage
  if (disks.length === 0) return
  const facts = await observeDisks(context)
  for (const step of planDisks(facts)) {
    const known = facts.find(({ node }) => node === step.node)
    if (!known) continue
    const paths = disks.flatMap(({ device }) => (nodeOf(files, device) === step.node ? [device] : []))
    probePartitions({ files, facts: known, step, paths, outlook })
  }
}

interface Partitioning {
  readonly files: Files
  readonly facts: DiskFacts
  readonly step: DiskStep
  /** What the config calls the disk. */
  readonly paths: readonly string[]
  readonly outlook: Outlook
}

function probePartitions({ files, facts, step, paths, outlook }: Partitioning): void {
  const { disk, table, sectorBytes, node, kernel } = facts
  for (const number of step.absent) outlook.expect(partitionPath(node, number), { kind: 'gone' })
  if (step.afterWipe) {
    const reason = `the table of ${JSON.stringify(disk.device)} cannot be read and is wiped first`
    for (const partition of disk.partitions)
      for (const name of namesOf({ node, paths, number: Number(partition.number), partition }))
        outlook.expect(name, { kind: 'hidden', reason })
    return
  }
  const requests = requestsOf(disk, entriesOf(disk, table), sectorBytes)
  for (const { number, start, size } of step.present) {
    const own = partitionPath(node, number)
    const isInPlace = kernel.get(number)?.start === start && kernel.get(number)?.size === size
    const extent: Prospect = {
      kind: 'extent',
      disk: node,
      startBytes: start * sectorBytes,
      sizeBytes: size * sectorBytes,
    }
    const partition = labelled(requests.find((request) => request.number === number))
    for (const name of namesOf({ node, paths, number, partition })) {
      const isThere = isInPlace && files.stat(name)?.type === 'block' && nodeOf(files, name) === own
      outlook.expect(name, isThere ? { kind: 'there' } : extent)
    }
  }
}

/** A label that the config does not name stays as it is. */
const labelled = (request: PartitionRequest | undefined) =>
  request && { label: request.config.label ?? request.existing?.label, guid: request.config.guid }

interface Naming {
  readonly node: string
  readonly paths: readonly string[]
  /** 0 is a slot that is not known yet. */
  readonly number: number
  readonly partition: Pick<ConfigPartition, 'label' | 'guid'> | undefined
}

/** Paths that lead to a partition: the kernel's and those that udev's rules make. */
function namesOf({ node, paths, number, partition }: Naming): readonly string[] {
  const { label, guid } = partition ?? {}
  return [
    ...(number === 0 ? [] : [partitionPath(node, number), ...paths.map((path) => `${path}-part${number}`)]),
    ...(label ? [`/dev/disk/by-partlabel/${inLink(label)}`] : []),
    ...(guid ? [`/dev/disk/by-partuuid/${guid.toLowerCase()}`] : []),
  ]
}
