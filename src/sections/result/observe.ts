import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import { readBootId } from '../../system/boot-id.ts'
import { quote } from '../../system/quote.ts'
import type { System } from '../../system/system.ts'
import type { ResultFacts } from './plan.ts'

export const resultPath = '/etc/.ignition-result.json'

const anyExitCode = Array.from({ length: 256 }, (_, code) => code)

/** Gathers what the result file says, and warns when there was a run before. */
export async function observeResult(context: SectionContext): Promise<ResultFacts> {
  const { system, state, sysroot } = context
  const now = system.now()
  const target = sysroot.resolve(resultPath)
  return {
    target,
    bootId: readBootId(system.files),
    now,
    offsetMinutes: -now.getTimezoneOffset(),
    userConfigProvided: state.fetchedConfigs.some(({ kind }) => kind === 'user'),
    previous: await observePrevious(system, target),
    outcome: context.outcome?.ways.file === true ? context.outcome.soFar() : undefined,
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
    return withoutOutcome(JSON.parse(system.files.readText(target)))
  } catch {
    system.log('warning', `${quote(target)} is not JSON: the report of the run before is dropped`)
    return undefined
  }
}

/** Reports of reports of reports would fill the disk of a machine that is provisioned again and again. */
function withoutOutcome(previous: unknown): unknown {
  if (typeof previous !== 'object' || previous === null) return previous
  const { firstlight: _, ...rest } = previous as Readonly<Record<string, unknown>>
  return rest
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
