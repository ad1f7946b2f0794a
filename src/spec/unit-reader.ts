/** Size of the buffer that the reference reads through (Go's bufio). */
const bufferSize = 4096

/** systemd's limit for a line, in bytes: LONG_LINE_MAX of the reference's unit parser. */
const lineLimit = 2048

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Reads a unit file's bytes through a buffer of 4 KiB. Whether an overlong line is noticed depends on how much of it
 * is in the buffer when the reference looks, so the buffer is part of the rule.
 */
export class UnitReader {
  readonly #bytes: Uint8Array
  #at = 0
  /** End of what is in the buffer. */
  #buffered = 0

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text)
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#at
  }

  /** Number, from 1, of the line that a byte is in. Counts from the start: only for what is wrong. */
  lineAt(offset: number): number {
    let line = 1
    for (let at = 0; at < offset; at++) if (this.#bytes[at] === newline) line += 1
    return line
  }

  /** Whether the next line is too long, as far as it is in the buffer. */
  seesLongLine(): boolean {
    if (this.#buffered - this.#at < lineLimit) return false
    const line = this.#bytes.subarray(this.#at, this.#at + lineLimit)
    return !line.includes(newline) && !line.includes(carriageReturn)
  }

  /** The next character, undefined at the end. */
  readCharacter(): string | undefined {
    const size = this.#size()
    const needsMore = this.#buffered - this.#at < size
    if (needsMore) this.#fill()
    if (this.#at >= this.#bytes.length) return undefined
    const start = this.#at
    this.#at += size
    if (size === 1) return String.fromCharCode(this.#bytes[start] ?? 0)
    return decoder.decode(this.#bytes.subarray(start, this.#at))
  }

  /** Puts back a character that was just read. */
  unread(character: string): void {
    this.#at -= encodedSize(character.codePointAt(0) ?? 0)
  }

  /** Bytes through the next `delimiter`, or through the end; `found` says which. */
  readThrough(delimiter: number): { readonly bytes: Uint8Array; readonly found: boolean } {
    const start = this.#at
    const index = this.#bytes.indexOf(delimiter, start)
    const end = index < 0 ? this.#bytes.length : index + 1
    while (this.#buffered < end) {
      // A full buffer without the delimiter is handed on, and reading begins anew behind it.
      if (this.#buffered - this.#at >= bufferSize) this.#at = this.#buffered
      this.#fill()
    }
    this.#at = end
    return { bytes: this.#bytes.subarray(start, end), found: index >= 0 }
  }

  /** A line without its end. A carriage return is dropped only as the last byte of all. */
  readLine(): string {
    const { bytes, found } = this.readThrough(newline)
    const dropped = found || bytes.at(-1) === carriageReturn ? 1 : 0
    return decoder.decode(bytes.subarray(0, bytes.length - dropped))
  }

  #size(): number {
    const lead = this.#bytes[this.#at] ?? 0
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  }

  /** Unread bytes move to the front, one read fills the rest. */
  #fill(): void {
    this.#buffered = Math.min(this.#at + bufferSize, this.#bytes.length)
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const encodedSize = (point: number): number =>
  point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
