/** Characters that have an escape of one letter in a quoted Go string. */
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** ASCII that needs no escape: nearly every path. */
const plain = /^[ !#-[\]-~]*$/

/** A string in double quotes as Go's `%q` writes it, which log scrapers know: unprintable characters as escapes. */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`
  return `"${Array.from(text, escapeCharacter).join('')}"`
}

/** Letters, marks, numbers, punctuation, symbols and the plain space are printed as they are. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

function escapeCharacter(character: string): string {
  const short = escapes[character]
  if (short !== undefined) return short
  if (printable.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${hex(code, 2)}`
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0')
