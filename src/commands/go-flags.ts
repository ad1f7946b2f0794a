/** One flag: Go's `flag` package knows these kinds; every kind but `boolean` takes a value. */
type FlagKind = 'string' | 'boolean' | 'duration'

export interface Flag {
  readonly kind: FlagKind
  readonly default: string
  readonly usage: string
  /** Returns what is wrong with a value, or undefined. */
  readonly check?: (value: string) => string | undefined
}

export type FlagValues = Readonly<Record<string, string>>

export type ParsedFlags =
  | { readonly kind: 'parsed'; readonly values: FlagValues; readonly positionals: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }

const BOOLEAN_WORDS = new Map(
  ['1', 't', 'T', 'true', 'TRUE', 'True']
    .map((word) => [word, 'true'])
    .concat(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, 'false'])) as [string, string][],
)

/**
 * Reads a command line by the rules of Go's `flag` package, which the reference's boot units rely on: one or two
 * dashes, `-name value` or `-name=value`, booleans only as `-name` or `-name=BOOL`. Parsing stops at `--`, at a lone
 * `-` and at the first argument that does not begin with a dash, the empty argument included.
 */
export function parseGoFlags(args: readonly string[], flags: Readonly<Record<string, Flag>>): ParsedFlags {
  const values: Record<string, string> = {}
  for (const [name, flag] of Object.entries(flags)) values[name] = flag.default
  let index = 0
  for (; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument.length < 2 || !argument.startsWith('-')) break
    if (argument === '--') return { kind: 'parsed', values, positionals: args.slice(index + 1) }
    const split = splitArgument(argument)
    if (split === undefined) return { kind: 'error', message: `bad flag syntax: ${argument}` }
    const { name } = split
    const flag = flags[name]
    if (flag === undefined) {
      if (name === 'h' || name === 'help') return { kind: 'help' }
      return { kind: 'error', message: `flag provided but not defined: -${name}` }
    }
    const next = split.value ?? (flag.kind === 'boolean' ? 'true' : args[++index])
    if (next === undefined) return { kind: 'error', message: `flag needs an argument: -${name}` }
    const read = readValue(flag, next)
    if ('wrong' in read)
      return { kind: 'error', message: describeWrong({ flag, name, value: next, wrong: read.wrong }) }
    values[name] = read.value
  }
  return { kind: 'parsed', values, positionals: args.slice(index) }
}

function splitArgument(argument: string): { name: string; value: string | undefined } | undefined {
  const text = argument.slice(argument.startsWith('--') ? 2 : 1)
  if (text === '' || text.startsWith('-') || text.startsWith('=')) return undefined
  const equals = text.indexOf('=')
  return equals < 0
    ? { name: text, value: undefined }
    : { name: text.slice(0, equals), value: text.slice(equals + 1) }
}

function readValue(flag: Flag, value: string): { value: string } | { wrong: string } {
  if (flag.kind === 'boolean') {
    const word = BOOLEAN_WORDS.get(value)
    return word === undefined ? { wrong: 'parse error' } : { value: word }
  }
  if (flag.kind === 'duration' && parseGoDuration(value) === undefined) return { wrong: 'parse error' }
  const wrong = flag.check?.(value)
  return wrong === undefined ? { value } : { wrong }
}

function describeWrong(problem: { flag: Flag; name: string; value: string; wrong: string }): string {
  const what = problem.flag.kind === 'boolean' ? 'boolean value' : 'value'
  const place = problem.flag.kind === 'boolean' ? `for -${problem.name}` : `for flag -${problem.name}`
  return `invalid ${what} ${JSON.stringify(problem.value)} ${place}: ${problem.wrong}`
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}

/** Seconds of a Go duration such as `1m30s`, or undefined when it is none; a bare number has no unit and is none. */
export function parseGoDuration(text: string): number | undefined {
  const body = /^[+-]/.test(text) ? text.slice(1) : text
  if (body === '0') return 0
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy
  let seconds = 0
  let end = 0
  for (let match = part.exec(body); match !== null; match = part.exec(body)) {
    seconds += Number(match[1]) * (UNIT_SECONDS[match[2] ?? ''] ?? 0)
    end = part.lastIndex
  }
  if (end === 0 || end !== body.length) return undefined
  return text.startsWith('-') ? -seconds : seconds
}

/** The usage text in the shape of Go's `flag` package: flags in byte order, defaults in brackets. */
export function formatGoUsage(program: string, flags: Readonly<Record<string, Flag>>): string {
  const lines = [`Usage of ${program}:`]
  for (const [name, flag] of Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const type =
      flag.check === undefined
        ? { string: ' string', boolean: '', duration: ' duration' }[flag.kind]
        : ' value'
    const shown = flag.kind === 'string' ? JSON.stringify(flag.default) : flag.default
    const silent = flag.default === '' || flag.default === 'false'
    lines.push(`  -${name}${type}`, `    \t${flag.usage}${silent ? '' : ` (default ${shown})`}`)
  }
  return `${lines.join('\n')}\n`
}
