import { resolve } from 'node:path'
import { renderUserConfig } from '../acquire/acquire.ts'
import { drawSvg } from '../plan/draw-svg.ts'
import { planMachine } from '../plan/plan-machine.ts'
import { readMachine } from '../plan/read-machine.ts'
import { sayPlan } from '../plan/say.ts'
import type { MachinePlan } from '../plan/shape-of-plan.ts'
import { createFetcher } from '../resources/fetch.ts'
import type { Log } from '../system/system.ts'
import { nameOfGiven, readGiven } from './given-file.ts'
import { formatGnuUsage, type GnuFlag } from './gnu-flags.ts'
import type { FlagValues } from './go-flags.ts'
import type { CommandInput } from './io.ts'
import { ownCommand } from './own-command.ts'

const flags = {
  machine: {
    kind: 'string',
    default: '',
    usage: 'description of the machine, as firstlight inspect prints it; otherwise it is this machine',
  },
  root: { kind: 'string', default: '', usage: 'directory where the new root can be seen' },
  live: {
    kind: 'boolean',
    default: 'false',
    usage: 'plan for firstlight apply: files and units below --root',
  },
  json: { kind: 'boolean', default: 'false', usage: 'print JSON' },
  text: { kind: 'boolean', default: 'false', usage: 'print text with pictures; what it does anyway' },
  svg: {
    kind: 'string',
    default: '',
    usage: 'write a picture of the disks into a file; - is standard output',
  },
  offline: {
    kind: 'boolean',
    default: 'false',
    usage: 'fail when the config refers to one that needs the network',
  },
} satisfies Record<string, GnuFlag>

const usage = `${formatGnuUsage('firstlight plan [options] CONFIG', flags)}
CONFIG is a path, or - for standard input; JSON or YAML. Nothing is changed, neither here nor there.
Exit codes: 0 it would come to its end, 1 it would not, 2 wrong usage.
`

/** `firstlight plan`: what a config would do to a machine. */
export const plan = ownCommand({
  name: 'firstlight plan',
  flags,
  usage,
  wrong({ values, positionals: [config, ...others] }) {
    if (config === undefined || others.length > 0) return 'name one config'
    if (values['json'] === 'true' && values['text'] === 'true') return 'either --json or --text'
    if (config === '-' && values['machine'] === '-') return 'only one file can be standard input'
    return values['live'] === 'true' && values['root'] === '' ? '--live needs --root' : undefined
  },
  async run(input, { values, positionals: [config = ''] }) {
    const made = await makePlan(input, config, values)
    show(input, made, values)
    return made.problems.length === 0 ? 0 : 1
  },
})

async function makePlan(input: CommandInput, config: string, values: FlagValues): Promise<MachinePlan> {
  const { machine = '', root = '' } = values
  // standard output is the plan's
  const log: Log = (level, message) => {
    if (level === 'warning' || level === 'crit') input.stderr(`${message}\n`)
  }
  const system = input.openSystem({ logToStdout: false, log })
  const described = machine === '' ? undefined : readMachine(readGiven(input, machine), nameOfGiven(machine))
  const fetcher = createFetcher({ system, offline: values['offline'] === 'true' })
  const rendered = await renderUserConfig({
    system,
    fetcher,
    bytes: readGiven(input, config),
    source: nameOfGiven(config),
    place: nameOfGiven(config),
  })
  return planMachine({
    system,
    config: rendered.sourced.config,
    machine: described,
    root: root === '' ? undefined : resolve(root),
    mode: values['live'] === 'true' ? 'live' : 'boot',
  })
}

function show(input: CommandInput, made: MachinePlan, values: FlagValues): void {
  const { svg = '' } = values
  if (svg === '-') {
    input.stdout(drawSvg(made))
    return
  }
  if (svg !== '') {
    const { files } = input.openSystem({ logToStdout: false, log: () => undefined })
    files.write(resolve(svg), drawSvg(made), { mode: 0o644 })
  }
  input.stdout(
    values['json'] === 'true' ? `${JSON.stringify(made, undefined, 1)}\n` : sayPlan(made, input.color),
  )
}
