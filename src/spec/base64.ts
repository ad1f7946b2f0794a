/**
 * Where text of the base64 alphabet fails to be standard base64 with its padding; undefined when it is fine. Bits
 * that the padding leaves over may be anything.
 */
export function findBase64Fault(text: string): number | undefined {
  const padding = text.indexOf('=')
  if (padding < 0) return text.length % 4 === 0 ? undefined : text.length - (text.length % 4)
  const place = padding % 4
  if (place < 2) return padding
  if (place === 3) return padding + 1 === text.length ? undefined : padding + 1
  if (padding + 1 === text.length) return text.length
  if (text[padding + 1] !== '=') return padding
  return padding + 2 === text.length ? undefined : padding + 2
}
