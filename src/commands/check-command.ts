import type { CommandResult } from './ignition-validate.ts'
import type { Command } from './io.ts'
import type { ColouredInput } from './validate.ts'

/** Makes a command of a function that only reads configs and says something about them. */
export const checkCommand =
  (check: (input: ColouredInput) => CommandResult): Command =>
  async ({ args, color, readInput, stdout, stderr }) => {
    const result = check({ args, color, readFile: readInput, readStdin: () => readInput('-') })
    stdout(result.stdout)
    stderr(result.stderr)
    return result.exitCode
  }
