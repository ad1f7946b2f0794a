import { formatFailure } from './failure.ts'
import { type GnuFlag, parseGnuFlags } from './gnu-flags.ts'
import type { FlagValues } from './go-flags.ts'
import type { Command, CommandInput } from './io.ts'

/** What a command was called with. */
interface Call {
  readonly values: FlagValues
  readonly positionals: readonly string[]
}

interface OwnCommand {
  /** As it is called: `firstlight plan`. */
  readonly name: string
  readonly flags: Readonly<Record<string, GnuFlag>>
  readonly usage: string
  /** What is wrong with the call; undefined when nothing is. */
  readonly wrong: (call: Call) => string | undefined
  /** The exit code; what it throws is one of 1. */
  readonly run: (input: CommandInput, call: Call) => Promise<number> | number
}

/** Makes a command that has no other tool's conventions to keep. Exit codes besides its own: 1 failed, 2 wrong usage. */
export const ownCommand =
  ({ name, flags, usage, wrong, run }: OwnCommand): Command =>
  async (input) => {
    const parsed = parseGnuFlags(input.args, flags)
    if (parsed.kind === 'help') {
      input.stdout(usage)
      return 0
    }
    const problem = parsed.kind === 'error' ? parsed.message : wrong(parsed)
    if (parsed.kind === 'error' || problem !== undefined) {
      input.stderr(`${name}: ${problem}\n${usage}`)
      return 2
    }
    try {
      return await run(input, parsed)
    } catch (error) {
      input.stderr(formatFailure(name, error))
      return 1
    }
  }
