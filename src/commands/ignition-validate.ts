import type { ParseOutcome } from '../spec/parse.ts'
import { readConfig } from '../spec/read-config.ts'
import { formatEntry, type Report } from '../spec/report.ts'
import { referenceVersion } from '../version.ts'
import { type Flag, parseGoFlags } from './go-flags.ts'

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

const flags = {
  version: { kind: 'boolean', default: 'false', usage: 'print the version and exit' },
} satisfies Record<string, Flag>

/** The command as scripts know it from the reference: same flags, lines and exit codes. */
export async function runIgnitionValidate(input: ValidateInput): Promise<CommandResult> {
  const parsed = parseGoFlags(input.args, flags)
  switch (parsed.kind) {
    case 'help':
      return failure(usage, 0)
    case 'error':
      return failure(`${parsed.message}\n${usage}`, 2)
    case 'parsed':
      break
  }
  if (parsed.values['version'] === 'true')
    return { stdout: `Ignition ${referenceVersion}\n`, stderr: '', exitCode: 0 }
  const [file, ...others] = parsed.positionals
  return file === undefined || others.length > 0 ? failure(usage, 1) : validateFile(input, file)
}

const failure = (stderr: string, exitCode: number): CommandResult => ({ stdout: '', stderr, exitCode })

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
