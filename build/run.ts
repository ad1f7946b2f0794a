import { ExecaError, execa } from 'execa'

const linesOfOutput = 15

/** Starts a program of the build machine; its standard output. Throws an Error with its last lines of output. */
export async function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { stdout } = await execa(program, args, { all: true, env: environment, stdin: 'ignore' })
    return stdout
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error
    const said = String(error.all ?? '')
      .trim()
      .split('\n')
      .slice(-linesOfOutput)
    const ending =
      error.exitCode === undefined
        ? 'could not be started or was killed'
        : `failed with exit code ${error.exitCode}`
    throw new Error([`${program} ${ending}:`, ...said].join('\n  '), { cause: error.code })
  }
}
