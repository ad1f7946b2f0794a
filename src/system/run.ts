import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reveal, type Secret } from '../secret.ts'
import { commandLine, exitStatus, failedProgram, missingProgram } from './command-line.ts'
import { type ProgramName, programs } from './programs.ts'
import { quote } from './quote.ts'
import { watchRunning } from './running.ts'
import type { Log, RunOptions, RunResult } from './system.ts'

export interface RunRequest {
  readonly program: ProgramName
  readonly args: readonly (string | Secret)[]
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
  const { file, limitSeconds }: { file: string; limitSeconds?: number } = programs[program]
  const command = commandLine(program, args)
  log('debug', `executing: ${command.text}`)
  // first, without loading what starts programs: every stage asks for one that few images have
  if (!isInstalled(file, environment['PATH'])) throw missingProgram(program)
  const result = await execute(file, args.map(reveal), {
    ...options,
    environment: { ...environment, ...options.environment },
    log,
    shown: command.text,
    limitSeconds,
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
  readonly log: Log
  /** Program and arguments as they may be shown. */
  readonly shown: string
  readonly limitSeconds: number | undefined
}

type Execution = Awaited<ReturnType<typeof execute>>

async function execute(file: string, args: readonly string[], options: ExecuteOptions) {
  const { input, environment, log, shown, limitSeconds } = options
  const { execa } = await import('execa')
  const subprocess = execa(file, args, {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    env: environment,
    extendEnv: false,
    encoding: 'utf8',
    reject: false,
    stripFinalNewline: false,
    // Whatever a program says is kept: what it says last is why it failed.
    maxBuffer: Number.MAX_SAFE_INTEGER,
  })
  const stop = whenOutputStaysOpen(subprocess.nodeChildProcess, () =>
    log(
      'notice',
      `${quote(file)} has ended, but what it started still holds its output: going on without it`,
    ),
  )
  const running = watchRunning({ child: subprocess.nodeChildProcess, shown, log, limitSeconds })
  const result = await Promise.race([subprocess, running.givenUp])
  const isOverLimit = running.stop()
  stop()
  if (result === undefined || isOverLimit) return killed(limitSeconds, result)
  const { exitCode, signal, stdout, stderr, cause, originalMessage } = result
  return { exitCode, signal, stdout, stderr, cause, originalMessage }
}

const killed = (
  limitSeconds: number | undefined,
  result?: { readonly stdout: string; readonly stderr: string },
) => ({
  exitCode: undefined,
  signal: undefined,
  stdout: result?.stdout ?? '',
  stderr: result?.stderr ?? '',
  cause: undefined,
  originalMessage: `killed after ${limitSeconds} s, its limit`,
})

/** Milliseconds from the end of a program to the end of its output, which is at once unless somebody else has it. */
const outputMilliseconds = 3000

/** A daemon that a program leaves behind may hold its output for ever, and the boot with it. */
function whenOutputStaysOpen(child: ChildProcess, tell: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  child.once('exit', () => {
    timer = setTimeout(() => {
      tell()
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, outputMilliseconds)
  })
  return () => clearTimeout(timer)
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
