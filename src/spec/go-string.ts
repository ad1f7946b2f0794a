const escapes = /\\(?:[abfnrtv\\"]|x[0-9A-Fa-f]{2}|[0-3][0-7]{2}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/g

/** Whether text without bare quotes can stand between double quotes in a Go string literal. */
export const isGoString = (text: string): boolean =>
  !text.includes('\n') && !text.replace(escapes, withoutGoodEscape).includes('\\')

function withoutGoodEscape(sequence: string, short?: string, long?: string): string {
  const digits = short ?? long
  if (digits === undefined) return ''
  const point = Number.parseInt(digits, 16)
  const isRune = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
  return isRune ? '' : sequence
}
