import { parseConfig } from '../spec/parse.ts'
import { formatPath, type ReportEntry } from '../spec/report.ts'
import { suggestFor } from '../spec/suggest.ts'
import { printable, showPlace } from './excerpt.ts'
import type { CommandResult, ValidateInput } from './ignition-validate.ts'

export interface ColouredInput extends ValidateInput {
  /** Whether the output goes to a terminal that shows colours. */
  readonly color: boolean
}

const usage = `Usage: firstlight validate [--strict] FILE...

Checks Ignition configs of any version; a FILE may be - for standard input.

  --strict  warnings fail too
  --help    print this text and exit

Exit codes: 0 all configs are right, 1 some config is wrong, 2 wrong usage.
`

/** Checks configs for a person: each entry with its line, a caret, its rule, and what may have been meant. */
export function runValidate(input: ColouredInput): CommandResult {
  const { files, options } = splitArguments(input.args)
  if (options.includes('--help') || options.includes('-h')) return { stdout: usage, stderr: '', exitCode: 0 }
  const unknown = options.find((option) => option !== '--strict')
  if (unknown !== undefined) return wrongUsage(`there is no option ${unknown}`)
  if (files.length === 0) return wrongUsage('name a file to check')
  return validateAll(input, files, options.includes('--strict'))
}

const wrongUsage = (reason: string): CommandResult => ({
  stdout: '',
  stderr: `${reason}\n${usage}`,
  exitCode: 2,
})

/** Options may stand anywhere before `--`; behind it everything is a file. */
function splitArguments(args: readonly string[]) {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const before = args.slice(0, end)
  const isOption = (arg: string) => arg.startsWith('-') && arg !== '-'
  return {
    options: before.filter(isOption),
    files: [...before.filter((arg) => !isOption(arg)), ...args.slice(end + 1)],
  }
}

function validateAll(input: ColouredInput, files: readonly string[], strict: boolean): CommandResult {
  const verdicts = files.map((file) => validateOne(input, file))
  const errors = sum(verdicts.map((verdict) => verdict.errors))
  const warnings = sum(verdicts.map((verdict) => verdict.warnings))
  const summary =
    errors + warnings === 0 ? '' : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`
  const failed = errors > 0 || (strict && warnings > 0)
  return {
    stdout: verdicts.map(({ text }) => text).join('') + summary,
    stderr: '',
    exitCode: failed ? 1 : 0,
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

interface Verdict {
  readonly text: string
  readonly errors: number
  readonly warnings: number
}

function validateOne(input: ColouredInput, file: string): Verdict {
  const name = file === '-' ? 'standard input' : file
  let bytes: Uint8Array
  try {
    bytes = file === '-' ? input.readStdin() : input.readFile(file)
  } catch (error) {
    return plainError(
      input,
      name,
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const outcome = parseConfig(bytes)
  switch (outcome.kind) {
    case 'empty':
      return plainError(input, name, 'is empty')
    case 'version':
      return plainError(input, name, outcome.message)
    case 'config':
    case 'invalid': {
      const { report } = outcome
      const errors = report.filter(({ severity }) => severity === 'error').length
      const warnings = report.filter(({ severity }) => severity === 'warning').length
      const text = report.map((entry) => showEntry({ input, name, bytes }, entry)).join('\n')
      return { text: report.length === 0 ? `${name}: this config is right\n` : `${text}\n`, errors, warnings }
    }
  }
}

const plainError = (input: ColouredInput, name: string, message: string): Verdict => ({
  text: `${name}: ${painted(input, 'error')}: ${printable(message)}\n`,
  errors: 1,
  warnings: 0,
})

interface Shown {
  readonly input: ColouredInput
  readonly name: string
  readonly bytes: Uint8Array
}

function showEntry({ input, name, bytes }: Shown, entry: ReportEntry): string {
  const { position, severity, message, rule, path } = entry
  const place = position === undefined ? name : `${name}:${position.line}:${position.column}`
  const excerpt = position === undefined ? undefined : showPlace(bytes, position)
  const hint = rule === 'UNUSED' ? suggestFor(path) : undefined
  const lines = [
    `${place}: ${painted(input, severity)}: ${printable(message)} [${rule}]`,
    ...(excerpt === undefined ? [] : [excerpt]),
    ...(path.length === 0 ? [] : [`      = at ${printable(formatPath(path))}`]),
    ...(hint === undefined ? [] : [`      = ${printable(hint)}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Red, yellow, blue (ECMA-48 SGR 31, 33, 34). */
const colours = { error: 31, warning: 33, info: 34 } as const

const painted = ({ color }: ColouredInput, severity: keyof typeof colours): string =>
  color ? `\u001b[1;${colours[severity]}m${severity}\u001b[0m` : severity
