import { spawn } from 'node:child_process'

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: Uint8Array
  readonly timeoutSeconds?: number
}

export interface Ended {
  /** `undefined` when a signal ended it, or the time limit did. */
  readonly exitCode: number | undefined
  readonly stdout: Buffer
  /** Standard output and standard error in the order in which they came. */
  readonly output: string
}

/** Runs a program to its end, whatever its exit code. Rejects when it cannot be started. */
export function start(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Ended> {
  const { cwd, env, input, timeoutSeconds = 120 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    })
    const stdout: Buffer[] = []
    const output: Buffer[] = []
    child.stdout?.on('data', (bytes: Buffer) => {
      stdout.push(bytes)
      output.push(bytes)
    })
    child.stderr?.on('data', (bytes: Buffer) => output.push(bytes))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({
        exitCode: code ?? undefined,
        stdout: Buffer.concat(stdout),
        output: Buffer.concat(output).toString(),
      }),
    )
    if (input !== undefined) child.stdin?.end(input)
  })
}

/** Runs a program that must succeed and gives its standard output. Throws an Error with all that it said. */
export async function run(
  program: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<Buffer> {
  const { exitCode, stdout, output } = await start(program, args, options)
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}: ${output.trim()}`)
  return stdout
}
