import { UnitReader } from './unit-reader.ts'

/** Why a text is not a unit file; the names are rule ids. */
type UnitFault =
  | 'UNIT-SECTION-END'
  | 'UNIT-SECTION-GARBAGE'
  | 'UNIT-OPTION-EOF'
  | 'UNIT-OPTION-NEWLINE'
  | 'UNIT-LINE-LONG'

/** Which sections of a unit file have options, or what is wrong with it. */
export type UnitFile =
  | { readonly kind: 'unit'; readonly sections: ReadonlySet<string> }
  | { readonly kind: 'fault'; readonly rule: UnitFault; readonly line: number }

type State = 'preamble' | 'section' | 'section-rest' | 'body' | 'comment' | 'name' | 'value' | 'end'

/** Reads a unit file as the reference does: only its sections and whether it is well formed. */
export const readUnitFile = (text: string): UnitFile => new UnitLexer(text).run()

class UnitLexer {
  readonly #reader: UnitReader
  readonly #sections = new Set<string>()
  #section = ''
  /** Where a comment leads back to. */
  #afterComment: State = 'preamble'
  #fault: Extract<UnitFile, { kind: 'fault' }> | undefined

  constructor(text: string) {
    this.#reader = new UnitReader(text)
  }

  run(): UnitFile {
    let state: State = 'preamble'
    while (state !== 'end') {
      if (this.#reader.seesLongLine())
        return { kind: 'fault', rule: 'UNIT-LINE-LONG', line: this.#reader.lineAt(this.#reader.offset) }
      state = this.#step(state)
    }
    return this.#fault ?? { kind: 'unit', sections: this.#sections }
  }

  #step(state: Exclude<State, 'end'>): State {
    switch (state) {
      case 'preamble':
        return this.#preamble()
      case 'section':
        return this.#sectionName()
      case 'section-rest':
        return this.#sectionRest()
      case 'body':
        return this.#body()
      case 'comment':
        return this.#comment()
      case 'name':
        return this.#name()
      case 'value':
        return this.#value()
    }
  }

  #preamble(): State {
    const character = this.#reader.readCharacter()
    if (character === undefined) return 'end'
    return this.#opening(character, 'preamble') ?? 'preamble'
  }

  #body(): State {
    const character = this.#reader.readCharacter()
    if (character === undefined) return 'end'
    if (isBlank(character)) return 'body'
    const next = this.#opening(character, 'body')
    if (next === undefined) this.#reader.unread(character)
    return next ?? 'name'
  }

  #opening(character: string, here: State): State | undefined {
    if (character === '[') return 'section'
    if (character !== '#' && character !== ';') return undefined
    this.#afterComment = here
    return 'comment'
  }

  #sectionName(): State {
    const opened = this.#reader.offset - 1
    const { bytes, found } = this.#reader.readThrough(0x5d)
    if (!found) return this.#fail('UNIT-SECTION-END', opened)
    this.#section = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, -1))
    return 'section-rest'
  }

  #sectionRest(): State {
    const rest = this.#reader.readLine()
    return isBlank(rest) ? 'body' : this.#fail('UNIT-SECTION-GARBAGE')
  }

  #comment(): State {
    while (this.#reader.readLine().replace(/ $/, '').endsWith('\\'));
    return this.#afterComment
  }

  #name(): State {
    for (;;) {
      const character = this.#reader.readCharacter()
      if (character === undefined) return this.#fail('UNIT-OPTION-EOF')
      if (character === '\n' || character === '\r') return this.#fail('UNIT-OPTION-NEWLINE')
      if (character === '=') return 'value'
    }
  }

  #value(): State {
    const line = this.#reader.readLine()
    if (line.endsWith('\\') && !isBlank(line)) return 'value'
    this.#sections.add(this.#section)
    return 'body'
  }

  #fail(rule: UnitFault, offset = this.#reader.offset - 1): State {
    this.#fault = { kind: 'fault', rule, line: this.#reader.lineAt(offset) }
    return 'end'
  }
}

/** White space as Go's unicode.IsSpace has it: with U+0085, without U+FEFF. */
const isBlank = (text: string): boolean =>
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(text)
