import { parseGpt } from '../../block/gpt.ts'
import { identityOf } from '../../block/identity.ts'
import { requirePrograms } from '../../block/require.ts'
import { readSignatures, type Signature } from '../../block/signatures.ts'
import { type BlockDevice, kernelSectorBytes, readBlockDevice } from '../../block/sysfs.ts'
import { readUse } from '../../block/usage.ts'
import { settleUdev, waitForDevices } from '../../block/wait.ts'
import { IgnitionError, inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { ConfigDisk } from '../../spec/config.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import { readKernelView } from './kernel.ts'
import { type DiskFacts, entriesOf, type Table } from './plan.ts'
import { disksByNode, requestsOf } from './request.ts'
import { keptDimensions, type Pretence, parsePretence, pretendOptions } from './sgdisk.ts'

/** Waits for the disks, reads their tables, and lets sgdisk rehearse what the config asks for. Writes nothing. */
export async function observeDisks(context: SectionContext): Promise<readonly DiskFacts[]> {
  const { system, config } = context
  const { disks } = config.storage
  requirePrograms(system, ['sgdisk', 'partx', 'wipefs'], 'partitioning')
  const nodes = await waitForDevices(
    system,
    disks.map(({ device }) => device),
  )
  const facts: DiskFacts[] = []
  for (const [node, disk] of disksByNode(disks, nodes))
    facts.push(
      await inPart({ device: disk.device }, () =>
        observeDisk(system, isOurs(context, node) ? { ...disk, wipeTable: true } : disk, node),
      ),
    )
  return facts
}

/** The name of a disk's table in the journal of steps. */
export const claimOf = (files: Files, node: string) => `table ${identityOf(files, node)}`

/** A table that an earlier run has begun, and not ended, to write in place of another or of none. */
function isOurs({ system, earlier }: SectionContext, node: string): boolean {
  if (earlier.look(claimOf(system.files, node)).kind !== 'begun') return false
  system.log(
    'notice',
    `the partition table of ${quote(node)} is unfinished work of an earlier run: made anew`,
  )
  return true
}

/** The facts of one disk as it is now. */
export async function observeDisk(system: System, disk: ConfigDisk, node: string): Promise<DiskFacts> {
  const device = readBlockDevice(system.files, node)
  if (!device)
    throw new IgnitionError({
      code: 'FL_DEVICE_MISSING',
      message: `the kernel does not know ${quote(node)}, which ${quote(disk.device)} leads to, as a block device`,
    })
  const useOf = readUse(system.files)
  const sectorBytes = device.logicalSectorBytes
  const table = await readTable(system, device)
  return {
    disk,
    node,
    sectorBytes,
    sizeSectors: sizeOf(device),
    table,
    // What is on the partitions of a multipath device holds the device itself too.
    use: useOf(device.mapperName === undefined ? device : { ...device, holders: [] }),
    kernel: await readKernelView(system, device, useOf),
    pretence: await pretend(system, node, { disk, table, sectorBytes }),
  }
}

const sizeOf = ({ sizeKernelSectors, logicalSectorBytes }: BlockDevice) =>
  Math.floor((sizeKernelSectors * kernelSectorBytes) / logicalSectorBytes)

async function readTable(system: System, device: BlockDevice): Promise<Table> {
  const { node, logicalSectorBytes } = device
  return system.operation(`reading partition table of ${quote(node)}`, async (inner) => {
    const partitions = parseGpt((offset, length) => inner.files.readAt(node, offset, length), {
      sectorBytes: logicalSectorBytes,
      sizeSectors: sizeOf(device),
    })
    if (partitions) return { kind: 'gpt', partitions }
    return tableWithout(await readSignatures(inner, node))
  })
}

/** What a disk that has no GPT holds in the way of a table, by what libblkid recognises on it. */
export function tableWithout(signatures: readonly Signature[]): Exclude<Table, { kind: 'gpt' }> {
  const foreign = signatures.find(({ usage }) => usage === 'partition-table')
  if (foreign) {
    const isDamaged = foreign.type === 'gpt' || foreign.type === 'PMBR'
    return { kind: 'foreign', what: isDamaged ? 'a damaged GPT' : `a table of type ${foreign.type}` }
  }
  const [found] = signatures
  return found ? { kind: 'occupied', what: found.type } : { kind: 'blank' }
}

interface Rehearsal {
  readonly disk: ConfigDisk
  readonly table: Table
  readonly sectorBytes: number
}

/** sgdisk leaves with one of these when it cannot do what it is asked for: sgdisk(8). */
const refusals = [0, 1, 2, 3, 4, 5, 6, 7, 8]

/**
 * sgdisk opens the disk for writing even when it only pretends. udev then has the kernel read the table again, and partitions
 * of a disk that is not in use are gone for a moment.
 */
async function pretend(system: System, node: string, rehearsal: Rehearsal): Promise<Pretence> {
  const { disk, table, sectorBytes } = rehearsal
  const wipeTable = disk.wipeTable === true
  const requests = requestsOf(disk, entriesOf(disk, table), sectorBytes)
  const kept = wipeTable ? undefined : keptDimensions(requests)
  if (kept) return { kind: 'resolved', dimensions: kept }
  const options = pretendOptions(requests, wipeTable)
  const isClash = !wipeTable && (table.kind === 'foreign' || table.kind === 'occupied')
  if (options.length === 0 || isClash) return { kind: 'resolved', dimensions: new Map() }
  system.log('info', `running sgdisk with options: [${options.join(' ')} ${node}]`)
  const { exitCode, stdout, stderr } = await system.run('sgdisk', [...options, node], { accept: refusals })
  if (table.kind === 'gpt') await settleUdev(system)
  if (exitCode !== 0) return { kind: 'refused', output: stderr || stdout }
  const dimensions = parsePretence(requests, stdout)
  if (dimensions) return { kind: 'resolved', dimensions }
  throw new IgnitionError({
    code: 'FL_PROGRAM',
    message: `sgdisk had unexpected output about ${quote(disk.device)}: ${quote(stdout)}`,
  })
}
