import { type ApplyOptions, applyLive } from '../apply-live.ts'
import { referenceVersion } from '../version.ts'
import { describeFailure, formatFailure } from './failure.ts'
import { nameOfGiven, readGiven } from './given-file.ts'
import { formatGnuUsage, type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { Command, CommandInput } from './io.ts'

const flags = {
  'ignore-unsupported': {
    kind: 'boolean',
    default: 'false',
    usage: 'leave out what cannot be applied to a running system',
  },
  offline: { kind: 'boolean', default: 'false', usage: 'fail when a resource needs the network' },
  'plan-hash': {
    kind: 'string',
    default: 'none',
    usage: 'hash of the plan that was reviewed (firstlight plan --live): refuse any other',
  },
  root: { kind: 'string', default: '/', usage: 'root of the system to provision' },
  trace: { kind: 'string', default: 'none', usage: 'write a trace of what takes how long to this file' },
  version: { kind: 'boolean', default: 'false', usage: 'print the version and exit' },
} satisfies Record<string, GnuFlag>

const usage = formatGnuUsage('ignition-apply [options] config.ign', flags)

/**
 * `ignition-apply`: files and units of a config into a container's root or a directory. Exit codes: 0 done,
 * 1 failed, 2 unknown flag.
 */
export const ignitionApply: Command = async (input) => {
  const { stdout, stderr } = input
  const parsed = parseGnuFlags(input.args, flags)
  switch (parsed.kind) {
    case 'help':
      stderr(usage)
      return 0
    case 'error':
      stderr(`${usage}${parsed.message}\n`)
      return 2
    case 'parsed':
      break
  }
  const { values, positionals } = parsed
  if (values['version'] === 'true') {
    stdout(`Ignition ${referenceVersion}\n`)
    return 0
  }
  const [config, ...others] = positionals
  if (config === undefined || others.length > 0) {
    stderr(usage)
    return 1
  }
  return apply(input, {
    config,
    root: values['root'] ?? '/',
    offline: values['offline'] === 'true',
    ignoreUnsupported: values['ignore-unsupported'] === 'true',
    planHash: values['plan-hash'] === 'none' ? undefined : values['plan-hash'],
    trace: values['trace'] ?? 'none',
  })
}

async function apply(
  input: CommandInput,
  options: Omit<ApplyOptions, 'system' | 'bytes' | 'origin'> & {
    readonly config: string
    readonly trace: string
  },
): Promise<number> {
  const system = input.openSystem({ logToStdout: true, trace: { process: 'apply', path: options.trace } })
  try {
    const bytes = readGiven(input, options.config, 'the config')
    await applyLive({
      ...options,
      system,
      bytes,
      origin: nameOfGiven(options.config),
    })
    return 0
  } catch (error) {
    system.log('crit', `failed to apply: ${describeFailure(error)}`)
    input.stderr(formatFailure('ignition-apply', error))
    return 1
  }
}
