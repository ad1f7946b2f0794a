import { IgnitionError } from '../errors.ts'
import { Secret, shownSecret } from '../secret.ts'
import { type ProgramName, programs } from './programs.ts'
import { quote } from './quote.ts'

/** A command as it may be shown. */
export interface CommandLine {
  /** Program and arguments, quoted, secrets as `<secret>`. */
  readonly text: string
  /** Takes the command's secrets out of what it printed. */
  readonly hide: (output: string) => string
}

export function commandLine(program: ProgramName, args: readonly (string | Secret)[]): CommandLine {
  const secrets = args.flatMap((argument) => (argument instanceof Secret ? [argument.reveal()] : []))
  return {
    text: [programs[program].file, ...args.map(String)].map(quote).join(' '),
    // the longest first: one may be a part of another
    hide: (output) =>
      secrets
        .filter((secret) => secret !== '')
        .sort((a, b) => b.length - a.length)
        .reduce((rest, secret) => rest.replaceAll(secret, shownSecret), output),
  }
}

/** The words of Go's exec package, which log scrapers know. */
export const exitStatus = (code: number): string => `exit status ${code}`

export interface Failure {
  /** `exit status 4`, `signal: killed`. */
  readonly reason: string
  readonly stdout: string
  readonly stderr: string
  readonly cause?: unknown
}

export function failedProgram({ text, hide }: CommandLine, failure: Failure): IgnitionError {
  const { reason, stdout, stderr, cause } = failure
  const output = `Stdout: ${quote(hide(stdout))} Stderr: ${quote(hide(stderr))}`
  return new IgnitionError({ code: 'FL_PROGRAM', message: `${reason}: Cmd: ${text} ${output}`, cause })
}

export function missingProgram(program: ProgramName): IgnitionError {
  const { file, package: owner } = programs[program]
  return new IgnitionError({
    code: 'FL_PROGRAM_MISSING',
    message:
      `exec: ${quote(file)}: executable file not found in $PATH: ` +
      `add it (Debian package "${owner}") to the image and rebuild the initramfs`,
  })
}
