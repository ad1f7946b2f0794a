import type { ParseOutcome } from '../spec/parse.ts'
import { readConfig } from '../spec/read-config.ts'
import { formatEntry, type Report } from '../spec/report.ts'
import { referenceVersion } from '../version.ts'

/** What a command needs of the world. Readers block and throw the system's own errors. */
export interface ValidateInput {
  /** Arguments behind the name of the command. */
  readonly args: readonly string[]
  readonly readFile: (path: string) => Uint8Array
  readonly readStdin: () => Uint8Array
}

/** What a command says and how it ends. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const usage = `Usage: ignition-validate [flags] FILE

Checks an Ignition config; FILE may be - for standard input.

  -version  print the version and exit
  -help     print this text and exit
`

type Flags =
  | { readonly kind: 'version' | 'help' }
  | { readonly kind: 'wrong'; readonly reason: string }
  | { readonly kind: 'files'; readonly files: readonly string[] }

/** The command as scripts know it from the reference: same flags, lines and exit codes. */
export async function runIgnitionValidate(input: ValidateInput): Promise<CommandResult> {
  const flags = readFlags(input.args)
  switch (flags.kind) {
    case 'version':
      return { stdout: `Ignition ${referenceVersion}\n`, stderr: '', exitCode: 0 }
    case 'help':
      return failure(usage, 0)
    case 'wrong':
      return failure(`${flags.reason}\n${usage}`, 2)
    case 'files': {
      const [file, ...others] = flags.files
      return file === undefined || others.length > 0 ? failure(usage, 1) : validateFile(input, file)
    }
  }
}

const failure = (stderr: string, exitCode: number): CommandResult => ({ stdout: '', stderr, exitCode })

/** Words that Go reads as a boolean. */
const booleans = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((word) => [word, false] as const),
])

/** Flags as Go's flag package reads them: one dash or two, none behind the first file. */
function readFlags(args: readonly string[]): Flags {
  let version = false
  for (const [index, arg] of args.entries()) {
    if (arg === '--') return version ? { kind: 'version' } : { kind: 'files', files: args.slice(index + 1) }
    if (arg === '-' || !arg.startsWith('-')) {
      return version ? { kind: 'version' } : { kind: 'files', files: args.slice(index) }
    }
    const { name, value = 'true' } = /^--?(?<name>[^-=][^=]*)(?:=(?<value>.*))?$/s.exec(arg)?.groups ?? {}
    if (name === undefined) return { kind: 'wrong', reason: `this is not a flag: ${arg}` }
    if (name === 'h' || name === 'help') return { kind: 'help' }
    if (name !== 'version') return { kind: 'wrong', reason: `there is no flag -${name}` }
    const wanted = booleans.get(value)
    if (wanted === undefined) return { kind: 'wrong', reason: `-version takes true or false, not "${value}"` }
    version = wanted
  }
  return version ? { kind: 'version' } : { kind: 'files', files: [] }
}

async function validateFile({ readFile, readStdin }: ValidateInput, file: string): Promise<CommandResult> {
  let bytes: Uint8Array
  try {
    bytes = file === '-' ? readStdin() : readFile(file)
  } catch (error) {
    return failure(`couldn't read config: ${error instanceof Error ? error.message : String(error)}\n`, 1)
  }
  return describe(await readConfig(bytes))
}

function describe(outcome: ParseOutcome): CommandResult {
  switch (outcome.kind) {
    case 'config':
      return { stdout: formatReport(outcome.report), stderr: '', exitCode: 0 }
    case 'invalid':
      return { stdout: formatReport(outcome.report), stderr: '', exitCode: 1 }
    case 'empty':
      return failure("couldn't parse config: not a config (empty)\n", 1)
    case 'version':
      return failure(`couldn't parse config: ${outcome.message}\n`, 1)
  }
}

const formatReport = (report: Report): string => report.map((entry) => `${formatEntry(entry)}\n`).join('')
