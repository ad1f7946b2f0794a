import { runStage } from '../engine.ts'
import { IgnitionError } from '../errors.ts'
import { collectWarnings } from '../outcome/account.ts'
import { keepPanel } from '../outcome/keep.ts'
import { isPlatformId, platformIds } from '../platforms/table.ts'
import { runFile } from '../run-files.ts'
import { isStageName, stageNames } from '../stages.ts'
import type { State } from '../state.ts'
import { readState, writeState } from '../state-file.ts'
import type { System } from '../system/system.ts'
import { bootTracePath } from '../system/trace-file.ts'
import { referenceVersion } from '../version.ts'
import { describeFailure, formatFailure } from './failure.ts'
import { type Flag, type FlagValues, formatGoUsage, parseGoDuration, parseGoFlags } from './go-flags.ts'
import type { Command, CommandInput } from './io.ts'

/** The reference's flags with the reference's defaults: boot units and test harnesses pass them. */
export const stageFlags = {
  'config-cache': {
    kind: 'string',
    default: '/run/ignition.json',
    usage: 'where the fetched config is kept',
  },
  'fetch-timeout': {
    kind: 'duration',
    default: '2m0s',
    usage: 'total time for fetching the config of the platform',
  },
  'log-to-stdout': { kind: 'boolean', default: 'false', usage: 'log to standard output instead of syslog' },
  neednet: {
    kind: 'string',
    default: '/run/ignition/neednet',
    usage: 'flag file that asks for the network',
  },
  platform: {
    kind: 'string',
    default: '',
    usage: `current platform. [${[...platformIds].sort().join(' ')}]`,
    check: (value: string) => (isPlatformId(value) ? undefined : `${value} is not a valid platform`),
  },
  root: { kind: 'string', default: '/', usage: 'root of the system to provision' },
  stage: {
    kind: 'string',
    default: '',
    usage: `execution stage. [${[...stageNames].sort().join(' ')}]`,
    check: (value: string) => (isStageName(value) ? undefined : `${value} is not a valid stage`),
  },
  'state-file': { kind: 'string', default: '/run/ignition/state', usage: 'state kept between stages' },
  trace: {
    kind: 'string',
    default: '',
    usage: `where the boot trace goes, or none (in an initramfs ${bootTracePath})`,
  },
  version: { kind: 'boolean', default: 'false', usage: 'print the version and exit' },
} satisfies Record<string, Flag>

/** `ignition`: runs one stage. Exit codes: 0 done, 1 failed, 2 usage, 3 unreadable state. */
export const ignition: Command = async (input) => {
  const { args, stdout, stderr } = input
  const parsed = parseGoFlags(args, stageFlags)
  switch (parsed.kind) {
    case 'help':
      stderr(formatGoUsage('ignition', stageFlags))
      return 0
    case 'error':
      stderr(`${parsed.message}\n${formatGoUsage('ignition', stageFlags)}`)
      return 2
    case 'parsed':
      break
  }
  const { values } = parsed
  if (values['version'] === 'true') {
    stdout(`Ignition ${referenceVersion}\n`)
    return 0
  }
  for (const name of ['platform', 'stage'])
    if (values[name] === '') {
      stderr(`'--${name}' must be provided\n`)
      return 2
    }
  return runStageCommand(input, values)
}

/** Runs a stage as the flags' values say, and logs how it ended. */
export async function runStageCommand(input: CommandInput, values: FlagValues): Promise<number> {
  const flag = (name: keyof typeof stageFlags): string => values[name] ?? stageFlags[name].default
  const stage = flag('stage')
  if (!isStageName(stage)) throw new IgnitionError({ code: 'FL_USAGE', message: `"${stage}" is not a stage` })
  const { listen, warnings } = collectWarnings()
  const system = input.openSystem({
    logToStdout: flag('log-to-stdout') === 'true',
    trace: { process: stage, path: flag('trace') },
    listen,
  })
  system.log('info', `Ignition ${referenceVersion}`)
  system.log('info', `Stage: ${stage}`)
  const keepState = (state: State) => writeState(system, { path: flag('state-file'), state })
  try {
    const state = await runStage({
      system,
      stage,
      platform: flag('platform'),
      root: flag('root'),
      cachePath: flag('config-cache'),
      needNetworkPath: flag('neednet'),
      fetchTimeoutSeconds: Math.trunc(parseGoDuration(flag('fetch-timeout')) ?? 0),
      state: readState(system, flag('state-file')),
      warnings,
      keepState,
    })
    keepState(state)
    system.log('info', 'Ignition finished successfully')
    return 0
  } catch (error) {
    system.log('crit', `Ignition failed: ${describeFailure(error)}`)
    const panel = formatFailure(stage, error, moreOf(system))
    keepPanel(system, panel)
    input.stderr(panel)
    return error instanceof IgnitionError && error.code === 'FL_STATE_UNREADABLE' ? 3 : 1
  }
}

/** Where a person finds more. */
const moreOf = (system: System): string => `journalctl -t ignition, and ${runFile(system, 'report')}`
