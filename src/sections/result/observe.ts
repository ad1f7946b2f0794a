import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { System } from '../../system/system.ts'
import type { ResultFacts } from './plan.ts'

export const resultPath = '/etc/.ignition-result.json'

const bootIdPath = '/proc/sys/kernel/random/boot_id'

const anyExitCode = Array.from({ length: 256 }, (_, code) => code)

/** Gathers what the result file says, and warns when there was a run before. */
export async function observeResult(context: SectionContext): Promise<ResultFacts> {
  const { system, state, sysroot } = context
  const now = system.now()
  const target = sysroot.resolve(resultPath)
  return {
    target,
    bootId: system.files.stat(bootIdPath) ? system.files.readText(bootIdPath).trim() : '',
    now,
    offsetMinutes: -now.getTimezoneOffset(),
    userConfigProvided: state.fetchedConfigs.some(({ kind }) => kind === 'user'),
    previous: await observePrevious(system, target),
  }
}

async function observePrevious(system: System, target: string): Promise<unknown> {
  if (system.files.lstat(target)?.type !== 'file') return undefined
  if (await isLiveImage(system)) return undefined
  system.log(
    'warning',
    `Ignition has already run on this system. Unexpected behavior may occur. The report of the run before is in ${quote(target)}.`,
  )
  try {
    return JSON.parse(system.files.readText(target))
  } catch {
    system.log('warning', `${quote(target)} is not JSON: the report of the run before is dropped`)
    return undefined
  }
}

/** A hook of the distribution; without it every image counts as one that stays. */
async function isLiveImage(system: System): Promise<boolean> {
  try {
    const { exitCode } = await system.run('is-live-image', [], { accept: anyExitCode })
    return exitCode === 0
  } catch (error) {
    if (!(error instanceof IgnitionError) || error.code !== 'FL_PROGRAM_MISSING') throw error
    system.log('notice', 'there is no is-live-image hook: taking this for an image that stays')
    return false
  }
}
