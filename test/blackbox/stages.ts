import { type Ended, start } from './program.ts'

/** A stage may take this long in a guest without hardware support, where LUKS alone takes a minute. */
const STAGE_SECONDS = 240

type Outcome = 'passed' | 'failed' | 'crashed'

export interface StageRun extends Ended {
  readonly stage: string
  readonly outcome: Outcome
}

export interface StageOptions {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly skipCriticalCheck: boolean
}

/** Runs one stage of the program named `ignition` in PATH exactly as a conformance run does. */
export async function runStage(stage: string, root: string, options: StageOptions): Promise<StageRun> {
  const { folder, env, skipCriticalCheck } = options
  const ended = await start(
    'ignition',
    `-platform file -stage ${stage} -root`
      .split(' ')
      .concat(root, '-log-to-stdout', '-config-cache', `${folder}/ignition.json`)
      .concat('-neednet', `${folder}/neednet`, '-state-file', `${folder}/state`),
    { cwd: folder, env, timeoutSeconds: STAGE_SECONDS },
  )
  return { ...ended, stage, outcome: outcomeOf(ended, skipCriticalCheck) }
}

/** 1 is a failed stage, 3 a platform or state that could not be read; anything else is no way for a stage to end. */
function outcomeOf({ exitCode, output }: Ended, skipCriticalCheck: boolean): Outcome {
  if (/panic/.test(output) || /FL_INTERNAL|^\s+at .*:\d+:\d+\)?$|^Node\.js v/m.test(output)) return 'crashed'
  if (exitCode === 1 || exitCode === 3) return 'failed'
  if (exitCode !== 0) return 'crashed'
  return /CRITICAL/.test(output) && !skipCriticalCheck ? 'failed' : 'passed'
}
