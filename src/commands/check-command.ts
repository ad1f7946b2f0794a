import type { CommandResult } from './ignition-validate.ts'
import type { Command } from './io.ts'
import { createLocalFiles } from './local-files.ts'
import type { ColouredInput } from './validate.ts'

/** Makes a command of a function that only reads configs and says something about them. */
export const checkCommand =
  (check: (input: ColouredInput) => Promise<CommandResult>): Command =>
  async ({ args, color, readInput, openSystem, stdout, stderr }) => {
    const result = await check({
      args,
      color,
      readFile: readInput,
      readStdin: () => readInput('-'),
      // nothing is logged, and syslog need not be there
      localFiles: (directory) => createLocalFiles(openSystem({ logToStdout: true }).files, directory),
    })
    stdout(result.stdout)
    stderr(result.stderr)
    return result.exitCode
  }
