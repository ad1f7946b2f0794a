import { nodeKind, type Tape } from './tape.ts'
import { TapeWriter } from './tape-writer.ts'
import type { SourceText } from './text.ts'
import { describeUnexpected, isDigit, isHexDigit } from './units.ts'

/** What was wrong where: `offset` is that of the first unit that cannot be part of a JSON document. */
export interface SyntaxFault {
  readonly kind: 'fault'
  readonly offset: number
  readonly message: string
}

/** Deepest nesting of objects and arrays, the limit of Go's encoding/json (`maxNestingDepth`). */
const depthLimit = 10_000

/** Units that are looked at one by one before a regular expression goes on. */
const shortString = 16

const plainRun = /[ !#-[\]-\uffff]*/y

type Expect = 'value' | 'item' | 'key' | 'member' | 'separator' | 'end'

/** Reads one JSON document strictly, without recursion: depth costs no stack. */
export function scanJson(source: SourceText): (Tape & { readonly kind: 'tape' }) | SyntaxFault {
  const scanner = new Scanner(source)
  const message = scanner.run()
  if (message !== undefined) return { kind: 'fault', offset: scanner.at, message }
  return { kind: 'tape', source, nodes: scanner.tape.finish(), overflows: scanner.overflows }
}

class Scanner {
  at = 0
  overflows = false
  readonly tape: TapeWriter
  readonly #text: string
  readonly #units: Uint8Array | Uint16Array
  readonly #open: number[] = []
  #fault: string | undefined

  constructor({ text, units }: SourceText) {
    this.#text = text
    this.#units = units
    // A node for every dozen bytes is more than configs need.
    this.tape = new TapeWriter(Math.trunc(units.length / 12))
  }

  /** Returns what is wrong, with `at` on the offending unit. */
  run(): string | undefined {
    let expect: Expect = 'value'
    while (expect !== 'end') {
      this.#skipSpace()
      expect = this.#step(expect)
      if (this.#fault !== undefined) return this.#fault
    }
    this.#skipSpace()
    if (this.at === this.#units.length) return undefined
    return describeUnexpected(this.#text, this.at, 'the end of the document')
  }

  #step(expect: Exclude<Expect, 'end'>): Expect {
    const unit = this.#units[this.at]
    switch (expect) {
      case 'value':
        return this.#value(unit)
      case 'item':
        return unit === 0x5d ? this.#close() : this.#value(unit)
      case 'member':
        return unit === 0x7d ? this.#close() : this.#key(unit)
      case 'key':
        return this.#key(unit)
      case 'separator':
        return this.#separator(unit)
    }
  }

  #value(unit: number | undefined): Expect {
    switch (unit) {
      case 0x22:
        this.#string()
        return this.#after()
      case 0x7b:
        return this.#openContainer(nodeKind.object, 'member')
      case 0x5b:
        return this.#openContainer(nodeKind.array, 'item')
      case 0x74:
        return this.#literal('true', nodeKind.true)
      case 0x66:
        return this.#literal('false', nodeKind.false)
      case 0x6e:
        return this.#literal('null', nodeKind.null)
      default:
        if (unit === 0x2d || isDigit(unit)) return this.#number()
        return this.#fail('a value')
    }
  }

  #after(): Expect {
    return this.#open.length === 0 ? 'end' : 'separator'
  }

  #openContainer(kind: number, next: Expect): Expect {
    if (this.#open.length === depthLimit) {
      this.#fault = `objects and lists are nested deeper than ${depthLimit}`
      return 'end'
    }
    this.#open.push(this.tape.next)
    this.tape.push(kind, this.at, 0)
    this.at += 1
    return next
  }

  #close(): Expect {
    this.tape.close(this.#open.pop() as number)
    this.at += 1
    return this.#after()
  }

  #separator(unit: number | undefined): Expect {
    const inObject = this.tape.kindOf(this.#open.at(-1) as number) === nodeKind.object
    if (unit === 0x2c) {
      this.at += 1
      return inObject ? 'key' : 'value'
    }
    if (unit === (inObject ? 0x7d : 0x5d)) return this.#close()
    return this.#fail(inObject ? 'a comma or }' : 'a comma or ]')
  }

  #key(unit: number | undefined): Expect {
    if (unit !== 0x22) return this.#fail('a key in double quotes')
    this.#string()
    if (this.#fault !== undefined) return 'end'
    this.#skipSpace()
    if (this.#units[this.at] !== 0x3a) return this.#fail('a colon after the key')
    this.at += 1
    return 'value'
  }

  #string(): void {
    const units = this.#units
    const end = units.length
    const start = this.at + 1
    let at = start
    let kind: number = nodeKind.string
    while (at < end) {
      if (at - start >= shortString) at = this.#skipPlain(at)
      if (at === end) break
      const unit = units[at] as number
      if (unit === 0x22) {
        this.tape.push(kind, start, at)
        this.at = at + 1
        return
      }
      if (unit < 0x20) break
      if (unit === 0x5c) {
        kind = nodeKind.escapedString
        at = this.#escape(at + 1)
        if (this.#fault !== undefined) return
      } else at += 1
    }
    this.at = at
    this.#fail('the end of the string (control characters must be escaped)')
  }

  /** Behind a run of characters that mean nothing to JSON: much faster than a loop, but slow to begin. */
  #skipPlain(at: number): number {
    plainRun.lastIndex = at
    plainRun.test(this.#text)
    return plainRun.lastIndex
  }

  /** `at` is behind the backslash; returns the offset behind the escape. */
  #escape(at: number): number {
    const unit = this.#units[at]
    if (unit !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(unit))) return at + 1
    this.at = at
    if (unit !== 0x75) {
      this.#fail('an escape: one of " \\ / b f n r t u')
      return at
    }
    for (let digit = at + 1; digit < at + 5; digit++) {
      if (isHexDigit(this.#units[digit])) continue
      this.at = digit
      this.#fail('four hexadecimal digits after \\u')
      return at
    }
    return at + 5
  }

  #literal(word: string, kind: number): Expect {
    const start = this.at
    for (let index = 0; index < word.length; index++) {
      if (this.#units[this.at] !== word.charCodeAt(index)) return this.#fail(`the word ${word}`)
      this.at += 1
    }
    this.tape.push(kind, start, this.at)
    return this.#after()
  }

  #number(): Expect {
    const start = this.at
    if (this.#units[this.at] === 0x2d) this.at += 1
    if (this.#units[this.at] === 0x30) this.at += 1
    else if (!this.#digits()) return this.#fail('a digit')
    let kind: number = nodeKind.integer
    if (this.#units[this.at] === 0x2e) {
      kind = nodeKind.decimal
      this.at += 1
      if (!this.#digits()) return this.#fail('a digit after the decimal point')
    }
    if (((this.#units[this.at] ?? 0) | 0x20) === 0x65) {
      kind = nodeKind.decimal
      this.at += 1
      const sign = this.#units[this.at]
      if (sign === 0x2b || sign === 0x2d) this.at += 1
      if (!this.#digits()) return this.#fail('a digit in the exponent')
    }
    // 308 digits always fit a double.
    if (kind === nodeKind.decimal || this.at - start > 308) {
      this.overflows ||= !Number.isFinite(Number(this.#text.slice(start, this.at)))
    }
    this.tape.push(kind, start, this.at)
    return this.#after()
  }

  #digits(): boolean {
    const start = this.at
    while (isDigit(this.#units[this.at])) this.at += 1
    return this.at > start
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#units[this.at]
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return
      this.at += 1
    }
  }

  #fail(expected: string): Expect {
    this.#fault = describeUnexpected(this.#text, this.at, expected)
    return 'end'
  }
}
