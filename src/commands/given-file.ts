import { IgnitionError } from '../errors.ts'
import type { CommandInput } from './io.ts'

/** Bytes of a file that a command was given, `-` for standard input. Throws `FL_CONFIG_UNREADABLE`. */
export function readGiven({ readInput }: CommandInput, path: string, what = ''): Uint8Array {
  try {
    return readInput(path)
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot read ${what === '' ? '' : `${what} `}"${path}"`,
      cause,
    })
  }
}

/** A path as it is said. */
export const nameOfGiven = (path: string) => (path === '-' ? 'standard input' : path)
