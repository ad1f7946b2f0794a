import { makeAlias } from '../../block/alias.ts'
import { saying } from '../../block/failure.ts'
import { type BlockDevice, readBlockDevice } from '../../block/sysfs.ts'
import { settleDevice } from '../../block/wait.ts'
import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { beginWait } from '../../system/explained-wait.ts'
import { quote } from '../../system/quote.ts'
import type { System } from '../../system/system.ts'
import { waits } from '../../system/waits.ts'
import { readKernelView } from './kernel.ts'
import { observeDisk } from './observe.ts'
import { type DiskStep, type KernelView, planDisks } from './plan.ts'
import { inMiB } from './request.ts'

/** Writes the table of one disk, then brings the kernel to see it. */
export async function applyDisk(context: SectionContext, step: DiskStep): Promise<void> {
  const { system } = context
  const alias = makeAlias(system, step.device, step.node)
  if (step.wipeTable)
    await saying(`wipe the partition table of ${quote(step.device)}`, async () =>
      system.operation(`wiping partition table of ${quote(alias)}`, async (inner) => zap(inner, alias)),
    )
  if (step.options.length > 0) {
    system.log('info', `running sgdisk with options: [${[...step.options, alias].join(' ')}]`)
    const counts = `deleting ${step.deletedCount} partitions and creating ${step.createdCount} partitions`
    await saying(`write the partition table of ${quote(step.device)}`, async () =>
      system.run('sgdisk', [...step.options, alias], { description: `${counts} on ${quote(alias)}` }),
    )
  }
  await settleDevice(system, step.node)
  await bringKernelAbout(system, step, alias)
  if (!step.afterWipe) return
  for (const next of planDisks([await observeDisk(system, step.afterWipe, step.node)]))
    await applyDisk(context, next)
}

/** sgdisk leaves with 2 after it has wiped a table that it could not read: that is no failure, only a second look. */
async function zap(system: System, alias: string): Promise<void> {
  const { exitCode } = await system.run('sgdisk', ['--zap-all', alias], { accept: [0, 1, 2, 3, 4] })
  if (exitCode === 0) return
  system.log('info', `potential error encountered while wiping table (exit status ${exitCode}): retrying`)
  await system.run('sgdisk', ['--zap-all', alias])
}

interface Behind {
  readonly number: number
  readonly operation: 'add' | 'update' | 'delete'
  /** In words. */
  readonly difference: string
}

/**
 * Pauses between looks. udev may have the kernel read the table again after every write, so partitions come and go for
 * a moment; together ten seconds.
 */
const pausesMilliseconds = [0, 50, 100, 200, 400, 750, 1500, 3000, 4000]

async function bringKernelAbout(system: System, step: DiskStep, alias: string): Promise<void> {
  let behind = await differences(system, step)
  const reasons = () => behind.map(({ number, difference }) => `partition ${number} ${difference}`).join('; ')
  const waiting = beginWait(system, {
    owner: 'kernel partitions',
    what: `the kernel to see the new table of ${quote(step.device)}`,
    seconds: waits['kernel partitions'].limit.seconds,
    found: reasons,
  })
  for (const pause of pausesMilliseconds) {
    if (behind.length === 0) return
    await waiting.pause(pause)
    await tellKernel(system, { step, alias, behind })
    await settleDevice(system, step.node)
    behind = await differences(system, step)
  }
  if (behind.length === 0) return
  throw new IgnitionError({
    code: 'FL_KERNEL_TABLE',
    message: `the table of ${quote(step.device)} is written, but the kernel does not follow: ${reasons()}`,
  })
}

interface News {
  readonly step: DiskStep
  readonly alias: string
  readonly behind: readonly Behind[]
}

const order = { delete: 0, update: 1, add: 2 } as const

/** Room is made before it is taken. Failures are not fatal: the kernel may have been quicker. */
async function tellKernel(system: System, { step, alias, behind }: News): Promise<void> {
  if (deviceOf(system, step).mapperName !== undefined) return
  for (const { number, operation } of behind.toSorted((a, b) => order[a.operation] - order[b.operation])) {
    system.log('info', `triggering partition ${number} ${operation} on ${quote(alias)}`)
    const args = [`--${operation}`, '--nr', String(number), step.node]
    const { exitCode, stderr } = await system.run('partx', args, { accept: [0, 1] })
    if (exitCode !== 0) system.log('notice', `partx failed: ${stderr.trim()}`)
  }
}

function deviceOf(system: System, { device, node }: DiskStep): BlockDevice {
  const found = readBlockDevice(system.files, node)
  if (found) return found
  throw new IgnitionError({
    code: 'FL_DEVICE_MISSING',
    message: `disk ${quote(device)} (${quote(node)}) went away while it was partitioned`,
  })
}

async function differences(system: System, step: DiskStep): Promise<readonly Behind[]> {
  const kernel = await readKernelView(system, deviceOf(system, step), () => undefined)
  return [
    ...step.absent
      .filter((number) => kernel.has(number))
      .map((number) => ({
        number,
        operation: 'delete' as const,
        difference: 'unexpectedly exists after partitioning',
      })),
    ...step.present.flatMap((placement) => compare(placement, kernel.get(placement.number), step)),
  ]
}

function compare(
  { number, start, size }: DiskStep['present'][number],
  view: KernelView | undefined,
  { sectorBytes }: DiskStep,
): Behind[] {
  if (!view) return [{ number, operation: 'add', difference: 'is missing' }]
  if (view.start === start && view.size === size) return []
  const range = (from: number, length: number) =>
    `${inMiB(from, sectorBytes)} to ${inMiB(from + length, sectorBytes)}`
  const difference = `is at ${range(view.start, view.size)} instead of ${range(start, size)}`
  return [{ number, operation: 'update', difference }]
}
