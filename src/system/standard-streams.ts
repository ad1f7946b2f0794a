import { readFileSync, writeSync } from 'node:fs'
import { block } from './pause.ts'

const STANDARD_INPUT = 0
const STANDARD_OUTPUT = 1
const STANDARD_ERROR = 2

/** Milliseconds between two tries to write to a pipe that is full. */
const FULL_PIPE_PAUSE = 1

/** Bytes of a file, or of standard input when the path is `-`. Throws Node's system errors. */
export const readInput = (path: string): Uint8Array => readFileSync(path === '-' ? STANDARD_INPUT : path)

/** Whether standard output is a terminal whose user wants colours: <https://no-color.org>. Loads node:tty: 2 ms. */
export const showsColor = (): boolean =>
  process.getBuiltinModule('node:tty').isatty(STANDARD_OUTPUT) &&
  !process.env['NO_COLOR'] &&
  process.env['TERM'] !== 'dumb'

export const writeOutput = (text: string): void => writePatiently(STANDARD_OUTPUT, text)

export const writeError = (text: string): void => writePatiently(STANDARD_ERROR, text)

/**
 * Writes before it returns, so that nothing is lost when the process exits. A reader that went away is not our
 * failure: a stage goes on provisioning.
 */
export function writePatiently(descriptor: number, text: string): void {
  const data = Buffer.from(text)
  for (let written = 0; written < data.length; ) {
    try {
      written += writeSync(descriptor, data, written)
    } catch (error) {
      if (!isSystemError(error)) throw error
      if (error.code !== 'EAGAIN') return
      block(FULL_PIPE_PAUSE)
    }
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error
