import { availableParallelism } from 'node:os'
import { makeAlias } from '../../block/alias.ts'
import { saying } from '../../block/failure.ts'
import { whileLocked } from '../../block/lock.ts'
import { settleDevice } from '../../block/wait.ts'
import { IgnitionError, inPart } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { System } from '../../system/system.ts'
import { isMadeFormat, makerArguments, makerOf } from './mkfs.ts'
import type { FilesystemsStep, Making } from './plan.ts'

/** Makes filesystems side by side, as many at a time as there are processors. Throws what failed, all of it. */
export async function applyFilesystems(
  { system }: SectionContext,
  { makings }: FilesystemsStep,
): Promise<void> {
  const waiting: Task[] = makings.map((making) => ({
    making,
    alias: makeAlias(system, making.filesystem.device, making.node),
  }))
  const failures: unknown[] = []
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await attempt(system, next).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  throwTogether(failures)
  for (const { node } of makings) await settleDevice(system, node)
}

interface Task {
  readonly making: Making
  readonly alias: string
}

async function attempt(system: System, { making, alias }: Task): Promise<void> {
  const { format, filesystem, node } = making
  await inPart({ part: filesystem }, () =>
    saying(`make ${format} on ${quote(filesystem.device)}`, async () =>
      whileLocked(system, [node], async () => make(system, making, alias)),
    ),
  )
}

async function make(system: System, { filesystem, format }: Making, alias: string): Promise<void> {
  await system.run('wipefs', ['-a', alias], {
    description: `wiping filesystem signatures from ${quote(alias)}`,
  })
  if (isMadeFormat(format)) {
    const args = makerArguments(format, filesystem, alias)
    try {
      await system.run(makerOf(format), args, {
        description: `creating ${quote(format)} filesystem on ${quote(alias)}`,
      })
    } catch (error) {
      await takeBack(system, alias)
      throw error
    }
  }
}

/** What is half made must not look like a filesystem to the next run. */
async function takeBack(system: System, alias: string): Promise<void> {
  await system.run('wipefs', ['-a', alias]).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `cannot wipe the unfinished filesystem from ${quote(alias)}: ${reason}`)
  })
}

function throwTogether(failures: readonly unknown[]): void {
  const [first, ...others] = failures
  if (first === undefined) return
  if (others.length === 0 || !(first instanceof IgnitionError)) throw first
  throw new IgnitionError({
    code: first.code,
    message: failures.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'),
    cause: first,
  })
}
