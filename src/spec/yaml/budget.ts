/** Values that a document may have after its aliases stand for what they name: a config has some thousands. */
const maximumValues = 500_000

/** Characters of all its strings, aliases counted each time: 32 Mi, four times the longest text that is read. */
const maximumCharacters = 32 * 1024 * 1024

/** Counts what aliases and merge keys multiply, so that a small text cannot become a large config. */
export class Budget {
  #values = 0
  #characters = 0

  /** Returns false when it is spent. */
  spend(characters: number, values = 1): boolean {
    this.#values += values
    this.#characters += characters
    return this.#values <= maximumValues && this.#characters <= maximumCharacters
  }
}
