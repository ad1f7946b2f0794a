import type { FlagValues } from './go-flags.ts'

/** One long flag, GNU style. */
export interface GnuFlag {
  readonly kind: 'string' | 'boolean'
  readonly default: string
  readonly usage: string
}

export type ParsedGnuFlags =
  | { readonly kind: 'parsed'; readonly values: FlagValues; readonly positionals: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }

/**
 * Reads a GNU-style command line, as `ignition-apply` and `ignition-rmcfg` take it: `--name value`, `--name=value`,
 * flags and positionals in any order, `--` ends the flags, `-h` and `--help` ask for help.
 */
export function parseGnuFlags(
  args: readonly string[],
  flags: Readonly<Record<string, GnuFlag>>,
): ParsedGnuFlags {
  const values: Record<string, string> = {}
  for (const [name, flag] of Object.entries(flags)) values[name] = flag.default
  const positionals: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--')
      return { kind: 'parsed', values, positionals: [...positionals, ...args.slice(index + 1)] }
    if (argument === '-' || !argument.startsWith('-')) {
      positionals.push(argument)
      continue
    }
    if (argument === '-h' || argument === '--help') return { kind: 'help' }
    if (!argument.startsWith('--')) {
      const letter = argument.slice(1, 2)
      return { kind: 'error', message: `unknown shorthand flag: '${letter}' in ${argument}` }
    }
    const equals = argument.indexOf('=')
    const name = equals < 0 ? argument.slice(2) : argument.slice(2, equals)
    const flag = flags[name]
    if (flag === undefined) return { kind: 'error', message: `unknown flag: --${name}` }
    const given = equals < 0 ? undefined : argument.slice(equals + 1)
    const value = given ?? (flag.kind === 'boolean' ? 'true' : args[++index])
    if (value === undefined) return { kind: 'error', message: `flag needs an argument: --${name}` }
    if (flag.kind === 'boolean' && value !== 'true' && value !== 'false')
      return {
        kind: 'error',
        message: `invalid argument ${JSON.stringify(value)} for "--${name}" flag: true or false`,
      }
    values[name] = value
  }
  return { kind: 'parsed', values, positionals }
}

/** The usage text: one line for each flag, in byte order. */
export function formatGnuUsage(synopsis: string, flags: Readonly<Record<string, GnuFlag>>): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => [`--${name}${flag.kind === 'string' ? ' string' : ''}`, describe(flag)] as const)
  const width = Math.max(...rows.map(([left]) => left.length)) + 3
  return [
    `Usage: ${synopsis}`,
    'Options:',
    ...rows.map(([left, right]) => `      ${left.padEnd(width)}${right}`),
    '',
  ].join('\n')
}

const describe = (flag: GnuFlag): string =>
  flag.kind === 'boolean' || flag.default === ''
    ? flag.usage
    : `${flag.usage} (default ${JSON.stringify(flag.default)})`
