import { IgnitionError } from '../errors.ts'
import { keptTracePath } from '../sections/trace/index.ts'
import { bootTracePath } from '../system/trace-file.ts'
import { blame, formatBlame } from '../trace/blame.ts'
import { drawTrace } from '../trace/picture.ts'
import { readTrace, type TraceProcess } from '../trace/read.ts'
import { readGiven } from './given-file.ts'
import { formatGnuUsage, type GnuFlag } from './gnu-flags.ts'
import type { CommandInput } from './io.ts'
import { ownCommand } from './own-command.ts'

const flags = {
  all: { kind: 'boolean', default: 'false', usage: 'every operation, not only the slowest' },
  json: { kind: 'boolean', default: 'false', usage: 'as JSON' },
  svg: { kind: 'boolean', default: 'false', usage: 'draw the timeline' },
} satisfies Record<string, GnuFlag>

const usage = `${formatGnuUsage('firstlight blame [options] [FILE]', flags)}
Prints which operations of the first boot took longest. FILE is a boot trace, or - for standard input; without it the
trace of this boot (${bootTracePath}), or the one that was kept (${keptTracePath}).

Exit codes: 0 done, 1 there is no trace, 2 wrong usage.
`

/** `firstlight blame`: what the time of a first boot went to. */
export const runBlame = ownCommand({
  name: 'firstlight blame',
  flags,
  usage,
  wrong({ values, positionals }) {
    if (positionals.length > 1) return 'name one file'
    return values['json'] === 'true' && values['svg'] === 'true' ? 'choose --json or --svg' : undefined
  },
  run(input, { values, positionals }) {
    const processes = read(input, positionals[0])
    if (values['svg'] === 'true') input.stdout(drawTrace(processes))
    else if (values['json'] === 'true') input.stdout(`${JSON.stringify(asJson(processes), undefined, 2)}\n`)
    else input.stdout(formatBlame(processes, values['all'] === 'true' ? Number.POSITIVE_INFINITY : undefined))
    return 0
  },
})

function read(input: CommandInput, file: string | undefined): readonly TraceProcess[] {
  const [path, text] =
    file === undefined ? firstOf(input, [bootTracePath, keptTracePath]) : contents(input, file)
  const processes = readTrace(text)
  if (processes.length > 0) return processes
  throw new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message: `"${path}" is not a boot trace` })
}

function firstOf(input: CommandInput, [path = '', ...others]: readonly string[]): readonly [string, string] {
  try {
    return contents(input, path)
  } catch (error) {
    if (others.length === 0) throw error
    return firstOf(input, others)
  }
}

const contents = (input: CommandInput, path: string): readonly [string, string] => [
  path,
  new TextDecoder().decode(readGiven(input, path, 'the boot trace')),
]

/** Rows are only ever added to, or `version` grows. */
function asJson(processes: readonly TraceProcess[]): object {
  return {
    version: 1,
    stages: processes.map(({ name, begun, ended, isOpen }) => ({
      name,
      begunSeconds: begun,
      seconds: ended - begun,
      isOpen,
    })),
    operations: blame(processes),
  }
}
