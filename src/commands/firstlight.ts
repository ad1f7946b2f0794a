import { isPlatformId } from '../platforms/table.ts'
import { isStageName, stageNames } from '../stages.ts'
import { firstlightVersion, referenceVersion } from '../version.ts'
import { checkCommand } from './check-command.ts'
import { parseGnuFlags } from './gnu-flags.ts'
import { runStageCommand, stageFlags } from './ignition.ts'
import type { Command, CommandInput } from './io.ts'

const help = `Firstlight ${firstlightVersion}: provisions a machine on its first boot from an Ignition config.

Usage: firstlight COMMAND [options]

Commands:
  validate FILE...   check configs, JSON or YAML; FILE is a path, or - for standard input
  expand FILE        print the Ignition config that a Butane config (YAML) stands for
  inspect            describe this machine as JSON, for "plan --machine"
  plan FILE          say what a config would do to this machine, or to one that was described
  apply FILE         write the files and units of a config below --root
  blame [FILE]       print which operations of the first boot took longest; --svg draws the timeline
  stage NAME         run one stage
  warm               run the stages that the units in the initramfs hand over
  version            print the version

Options of "stage NAME" (NAME: ${stageNames.join(', ')}):
  --platform ID      where the machine runs: qemu, metal, aws, ...
  --root DIR         root of the system to provision (default "/")
  --log-to-stdout    log to standard output instead of syslog
  --config-cache F, --state-file F, --neednet F, --fetch-timeout T
                     as in "ignition -help"

It also answers to the names ignition, ignition-apply, ignition-rmcfg and ignition-validate and then takes their
options. "COMMAND --help" says more.
`

/** `firstlight`: the program's own commands. Exit codes: 0 done, 1 failed, 2 usage. */
export const firstlight: Command = async (input) => {
  const [command, ...args] = input.args
  switch (command) {
    case 'validate':
      return checkCommand((await import('./validate.ts')).runValidate)({ ...input, args })
    case 'expand':
      return checkCommand((await import('./expand.ts')).runExpand)({ ...input, args })
    case 'inspect':
      return (await import('./inspect.ts')).inspect({ ...input, args })
    case 'plan':
      return (await import('./plan.ts')).plan({ ...input, args })
    case 'apply':
      return (await import('./ignition-apply.ts')).ignitionApply({ ...input, args })
    case 'blame':
      return (await import('./blame.ts')).runBlame({ ...input, args })
    case 'stage':
      return stage({ ...input, args })
    case 'warm':
      return (await import('../warm/warm.ts')).warm({ ...input, args })
    case 'version':
    case '--version':
      input.stdout(`Firstlight ${firstlightVersion} (stands in for Ignition ${referenceVersion})\n`)
      return 0
    case 'help':
    case '--help':
    case '-h':
      input.stdout(help)
      return 0
    case undefined:
      input.stderr(help)
      return 2
    default:
      input.stderr(
        `firstlight: no command "${command}"; there are validate, expand, inspect, plan, apply, blame, stage, warm and version\n`,
      )
      return 2
  }
}

async function stage(input: CommandInput): Promise<number> {
  const gnuFlags = Object.fromEntries(
    Object.entries(stageFlags)
      .filter(([name]) => name !== 'stage' && name !== 'version')
      .map(([name, flag]) => [
        name,
        { ...flag, kind: flag.kind === 'boolean' ? 'boolean' : 'string' } as const,
      ]),
  )
  const parsed = parseGnuFlags(input.args, gnuFlags)
  if (parsed.kind === 'help') {
    input.stdout(help)
    return 0
  }
  if (parsed.kind === 'error') return refuse(input, parsed.message)
  const [name, ...others] = parsed.positionals
  if (name === undefined || others.length > 0 || !isStageName(name))
    return refuse(input, `name one stage of: ${stageNames.join(', ')}`)
  const platform = parsed.values['platform'] ?? ''
  if (!isPlatformId(platform)) return refuse(input, `--platform: "${platform}" is not a platform id`)
  return runStageCommand(input, { ...parsed.values, stage: name })
}

function refuse(input: CommandInput, message: string): number {
  input.stderr(`firstlight stage: ${message}\n`)
  return 2
}
