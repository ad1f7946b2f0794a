/** What a secret is printed as. */
export const shownSecret = '<secret>'

/**
 * A text that no log, report, error or trace may have: however it is printed, only `<secret>` comes out. Whoever needs
 * the text asks for it by name, at the last moment.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return shownSecret
  }

  toJSON(): string {
    return shownSecret
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shownSecret
  }
}

/** The text of a value that may be a secret. */
export const reveal = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value)

/** Set means: present and not empty. */
export const isSet = <Text extends string | Secret>(text: Text | undefined): text is Text =>
  text !== undefined && reveal(text) !== ''
