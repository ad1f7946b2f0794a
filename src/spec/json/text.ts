import type { Position } from '../report.ts'

/** The text of a config file, so that every byte can be found again. */
export interface SourceText {
  /** UTF-16. A byte that is not UTF-8 stands as the lone surrogate U+DC00 + byte. */
  readonly text: string
  /** The same units as numbers: faster to scan than the string. */
  readonly units: Uint8Array | Uint16Array
  /** Whether some byte is not UTF-8. */
  readonly malformed: boolean
}

/** Reads UTF-8 as the reference does: nothing is skipped, not even a byte order mark; wrong bytes stand alone. */
export function readSourceText(bytes: Uint8Array): SourceText {
  const text = decodeStrictly(bytes)
  if (text === undefined) return decodeByteByByte(bytes)
  if (text.length === bytes.length) return { text, units: bytes, malformed: false }
  const units = new Uint16Array(text.length)
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index)
  return { text, units, malformed: false }
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function decodeByteByByte(bytes: Uint8Array): SourceText {
  const units = new Uint16Array(bytes.length)
  let length = 0
  let index = 0
  while (index < bytes.length) {
    const size = sequenceLength(bytes, index)
    if (size === 0) {
      units[length++] = 0xdc00 + (bytes[index++] as number)
      continue
    }
    const point = codePointAt(bytes, index, size)
    index += size
    if (point > 0xffff) {
      units[length++] = 0xd800 + ((point - 0x10000) >> 10)
      units[length++] = 0xdc00 + ((point - 0x10000) & 0x3ff)
    } else units[length++] = point
  }
  const used = units.subarray(0, length)
  return { text: stringOf(used), units: used, malformed: true }
}

/** Bytes of the well-formed UTF-8 sequence at `index`, 0 when there is none (RFC 3629, table of section 4). */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const lead = bytes[index] as number
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  const second = bytes[index + 1] ?? 0
  if (second < low || second > high) return 0
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  for (let offset = 2; offset < length; offset++) {
    if (((bytes[index + offset] ?? 0) & 0xc0) !== 0x80) return 0
  }
  return length
}

function codePointAt(bytes: Uint8Array, index: number, size: number): number {
  const lead = bytes[index] as number
  if (size === 1) return lead
  let point = lead & (0x7f >> size)
  for (let offset = 1; offset < size; offset++) {
    point = (point << 6) | ((bytes[index + offset] as number) & 0x3f)
  }
  return point
}

function stringOf(units: Uint16Array): string {
  const parts: string[] = []
  for (let start = 0; start < units.length; start += 8192) {
    parts.push(String.fromCharCode(...units.subarray(start, start + 8192)))
  }
  return parts.join('')
}

/** Bytes that the units from `start` to `end` had in the file. */
function byteLength({ text, units }: SourceText, start: number, end: number): number {
  if (units instanceof Uint8Array) return end - start
  let length = 0
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) length += 1
    else if (unit < 0x800) length += 2
    else if (unit < 0xd800 || unit > 0xdfff) length += 3
    else if (unit > 0xdbff) length += 1
    else {
      length += 4
      index += 1
    }
  }
  return length
}

/** Finds lines and columns. `bytesAfter` moves on within a character of several bytes. */
export type Locator = (offset: number, bytesAfter?: number) => Position

/** The table of lines is made when the first position is asked for. */
export function createLocator(source: SourceText): Locator {
  let lineStarts: readonly number[] | undefined
  // Entries mostly come in order: a long line is not measured from its start each time.
  let last = { offset: 0, column: 1 }
  return (offset, bytesAfter = 0) => {
    lineStarts ??= findLineStarts(source.text)
    let low = 0
    let high = lineStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((lineStarts[middle] as number) <= offset) low = middle
      else high = middle
    }
    const lineStart = lineStarts[low] as number
    const from = last.offset >= lineStart && last.offset <= offset ? last : { offset: lineStart, column: 1 }
    last = { offset, column: from.column + byteLength(source, from.offset, offset) }
    return { line: low + 1, column: last.column + bytesAfter }
  }
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
