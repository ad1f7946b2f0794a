export const isDigit = (unit: number | undefined): boolean =>
  unit !== undefined && unit >= 0x30 && unit <= 0x39

export const isHexDigit = (unit: number | undefined): boolean =>
  isDigit(unit) || (unit !== undefined && (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x66)

/** Says that something else was expected than what stands at `at`, or that nothing stands there. */
export function describeUnexpected(text: string, at: number, expected: string): string {
  const point = text.codePointAt(at)
  if (point === undefined) return `the input ends early, expected ${expected}`
  return `unexpected ${nameOf(point)}, expected ${expected}`
}

function nameOf(point: number): string {
  // A byte that is not UTF-8 stands as a lone surrogate.
  if (point >= 0xdc00 && point <= 0xdcff) return `byte 0x${(point - 0xdc00).toString(16)}`
  const isVisible = point > 0x20 && point !== 0x7f && point !== 0xfeff
  if (isVisible) return `character '${String.fromCodePoint(point)}'`
  return `character U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}
