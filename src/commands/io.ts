import type { TraceOptions } from '../system/real.ts'
import type { Log, System } from '../system/system.ts'

/** What a command gets from `main.ts`: its outputs and a way to open the door to the machine. */
export interface CommandInput {
  /** Without the program's name. */
  readonly args: readonly string[]
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Bytes of a file, or of standard input when the path is `-`. Throws Node's system errors. */
  readonly readInput: (path: string) => Uint8Array
  /** Whether standard output is a terminal that shows colours. */
  readonly color: boolean
  /** Messages go to `log` when there is one, else to syslog, or to standard output when asked to. */
  readonly openSystem: (options: {
    readonly logToStdout: boolean
    readonly log?: Log
    /** For the boot trace. */
    readonly trace?: TraceOptions
    /** Hears every message too. */
    readonly listen?: Log
  }) => System
}

/** A command returns the exit code of the process. */
export type Command = (input: CommandInput) => Promise<number>
