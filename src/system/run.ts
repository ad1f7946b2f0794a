import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, exitStatus, failedProgram, missingProgram } from './command-line.ts'
import { type ProgramName, programs } from './programs.ts'
import type { Log, RunOptions, RunResult } from './system.ts'

export interface RunRequest {
  readonly program: ProgramName
  readonly args: readonly string[]
  readonly options: RunOptions
  readonly log: Log
  /** The environment of this process; the program gets it too. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Starts a program of the table with /dev/null or the given bytes as its input, and takes its output into memory. */
export async function runProgram({
  program,
  args,
  options,
  log,
  environment,
}: RunRequest): Promise<RunResult> {
  const { file } = programs[program]
  const command = commandLine(program, args, options)
  log('debug', `executing: ${command.text}`)
  // first, without loading what starts programs: every stage asks for one that few images have
  if (!isInstalled(file, environment['PATH'])) throw missingProgram(program)
  const result = await execute(file, args, {
    ...options,
    environment: { ...environment, ...options.environment },
  })
  const { exitCode } = result
  if (exitCode !== undefined && (options.accept ?? [0]).includes(exitCode))
    return { exitCode, stdout: result.stdout, stderr: result.stderr }
  const { stdout, stderr, cause } = result
  const failure = { reason: reasonOf(result), stdout, stderr }
  throw failedProgram(command, exitCode === undefined ? { ...failure, cause } : failure)
}

interface ExecuteOptions {
  readonly input?: Uint8Array | string
  readonly environment: RunRequest['environment']
}

type Execution = Awaited<ReturnType<typeof execute>>

async function execute(file: string, args: readonly string[], { input, environment }: ExecuteOptions) {
  const { execa } = await import('execa')
  const result = await execa(file, args, {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    env: environment,
    extendEnv: false,
    encoding: 'utf8',
    reject: false,
    stripFinalNewline: false,
    // Whatever a program says is kept: what it says last is why it failed.
    maxBuffer: Number.MAX_SAFE_INTEGER,
  })
  const { exitCode, signal, stdout, stderr, cause, originalMessage } = result
  return { exitCode, signal, stdout, stderr, cause, originalMessage }
}

const signalNames: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
}

/** The words of Go's exec package, which log scrapers know. */
function reasonOf(result: Execution): string {
  if (result.exitCode !== undefined) return exitStatus(result.exitCode)
  if (result.signal !== undefined) return `signal: ${signalNames[result.signal] ?? result.signal}`
  return result.originalMessage ?? 'could not be started'
}

/** Whether one of the directories of PATH has the file. */
function isInstalled(file: string, path = ''): boolean {
  return path.split(':').some((directory) => existsSync(join(directory, file)))
}
