import { expect, test } from 'vitest'
import { quote } from '../../src/system/quote.ts'

test.each([
  ['plain text', '"plain text"'],
  ['a "b" \\ c', '"a \\"b\\" \\\\ c"'],
  ['\n\t\r\u0007\b\f\v', '"\\n\\t\\r\\a\\b\\f\\v"'],
  ['\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"'],
  ['grüße 😀', '"grüße 😀"'],
  ['\u00a0\u200b\u2028', '"\\u00a0\\u200b\\u2028"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j', (text, quoted) => {
  expect(quote(text)).toBe(quoted)
})
