import type { ReportEntry } from '../spec/report.ts'
import { maskSecrets } from './mask.ts'

/** Columns of a line that are shown around the place. */
const windowSize = 96

/** Text of a config in which nothing moves the cursor or colours the screen. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const unprintable = /[^ -~\u00a1-\uffff]/g

/**
 * The line that an entry is about, without secrets, with a caret under the column; undefined when the file has no such
 * line.
 */
export function showPlace(
  bytes: Uint8Array,
  { position, path }: Pick<ReportEntry, 'position' | 'path'>,
): string | undefined {
  const start = position && lineStart(bytes, position.line)
  if (position === undefined || start === undefined) return undefined
  const { line, column } = position
  const newline = bytes.indexOf(0x0a, start)
  const text = maskSecrets(
    decode(bytes.subarray(start, newline < 0 ? bytes.length : newline)),
    path.findLast((step) => typeof step === 'string'),
  )
  const caret = decode(bytes.subarray(start, start + column - 1)).length
  const from = text.length <= windowSize ? 0 : Math.max(0, caret - windowSize / 2)
  const shown = text.slice(from, from + windowSize)
  const before = from > 0 ? '…' : ''
  const after = from + windowSize < text.length ? '…' : ''
  const gutter = String(line).padStart(5)
  const marker = ' '.repeat(Math.max(0, caret - from) + before.length)
  return `${gutter} | ${before}${shown}${after}\n${' '.repeat(gutter.length)} | ${marker}^`
}

const startsOf = new WeakMap<Uint8Array, readonly number[]>()

/** Offset of the first byte of a line, counted from 1; undefined when the file has no such line. */
export function lineStart(bytes: Uint8Array, line: number): number | undefined {
  let starts = startsOf.get(bytes)
  if (starts === undefined) {
    starts = findStarts(bytes)
    startsOf.set(bytes, starts)
  }
  return starts[line - 1]
}

function findStarts(bytes: Uint8Array): readonly number[] {
  const starts = [0]
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) starts.push(at + 1)
  return starts
}

/** One place on the screen for each unit: what has no width or moves the cursor becomes a space. */
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(unprintable, ' ')
