import { expect, test } from 'vitest'
import { parseDataUrl, readDataUrl } from '../../src/spec/data-url.ts'

const latin1 = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : String.fromCharCode(...bytes)

test.each([
  ['data:,', ''],
  ['data:,hello', 'hello'],
  ['data:,a%20b%00%fF', 'a b\u0000\u00ff'],
  ['data:,a+b?c', 'a+b?c'],
  ['data:text/plain,x', 'x'],
  ['data:textual/,x', 'x'],
  ['data:x-own/type,x', 'x'],
  ['data:text/plain;charset=utf-8;base64,aGk=', 'hi'],
  ['data:;base64,aGl=', 'hi'],
  ['data:;base64,', ''],
  ['data:;a="b;,\\"c",x', 'x'],
  ['data:;a="\\x41\\u0041\\377\\n";base64,aGk=', 'hi'],
  ['data:;a=%41,x', 'x'],
])('%j holds %j', (url, text) => {
  expect(latin1(parseDataUrl(url))).toBe(text)
  expect(latin1(parseDataUrl(url))).toBe(text)
})

test.each([
  ['data:xx/y,a', 'DATA-UNKNOWN-TYPE'],
  ['data:x', 'DATA-NO-SLASH'],
  ['data:x/y', 'DATA-NO-SLASH'],
  ['data:;a', 'DATA-PARAM-UNTERMINATED'],
  ['data:;=a,', 'DATA-PARAM-UNTERMINATED'],
  ['data:;', 'DATA-PARAM-UNTERMINATED'],
  ['data:;a=', 'DATA-NO-COMMA'],
  ['data:;a=b', 'DATA-NO-COMMA'],
  ['data:;a=,', 'DATA-BAD-PVAL-CHAR'],
  ['data:;a=%4,', 'DATA-PCT-SHORT'],
  ['data:;a=%zz,', 'DATA-PCT-NONHEX'],
  ['data:;a="b"', 'DATA-NO-COMMA'],
  ['data:;a="\\ud800",', 'DATA-UNQUOTE'],
  ['data:;a="\\\'",', 'DATA-UNQUOTE'],
  ['data:;a="é",', 'DATA-BAD-PVAL-CHAR'],
  ['data:;base64;a=b,aGk=', 'DATA-BAD-ATTR-CHAR'],
  ['data:;BASE64,aGk=', 'DATA-EXPECT-BASE64'],
  ['data:,a#b', 'DATA-BAD-CHAR'],
  ['data:,é', 'DATA-BAD-CHAR'],
  ['data:;base64,aGk%3D', 'DATA-BAD-CHAR'],
  ['data:;base64,aGk', 'DATA-BASE64'],
  ['data:;base64,aG=k', 'DATA-BASE64'],
  ['data:;base64,aGk=aGk=', 'DATA-BASE64'],
  ['data:;base64,=', 'DATA-BASE64'],
  ['data:;base64,aG=', 'DATA-BASE64'],
])('%j breaks %s', (url, rule) => {
  expect(readDataUrl(url)).toEqual({ kind: 'fault', rule })
  expect(parseDataUrl(url)).toBeUndefined()
})

test('what the last data URL began with does not leak into the next', () => {
  expect(latin1(parseDataUrl('data:;base64,aGk='))).toBe('hi')
  expect(latin1(parseDataUrl('data:,aGk='))).toBe('aGk=')
  expect(readDataUrl('data:;base32,aGk=')).toEqual({ kind: 'fault', rule: 'DATA-EXPECT-BASE64' })
})
