import { expect, test } from 'vitest'
import { booleanOf, integerOf, isNull } from '../../../src/spec/yaml/scalars.ts'

const plain = (text: string) => ({ kind: 'scalar' as const, text, plain: true, offset: 0 })
const quoted = (text: string) => ({ ...plain(text), plain: false })

test.each([
  ['0', 0],
  ['420', 420],
  ['0644', 0o644],
  ['0o644', 0o644],
  ['07777', 0o7777],
  ['0x1A4', 420],
  ['0b110_100_100', 420],
  ['1_000', 1000],
  ['-1', -1],
  ['+7', 7],
  ['-0', 0],
  ['9007199254740993', 9007199254740993n],
  ['-9223372036854775808', -9223372036854775808n],
  ['9223372036854775808', undefined],
  ['0888', undefined],
  ['0o8', undefined],
  ['0x', undefined],
  ['_1', undefined],
  ['1e3', undefined],
  ['1.0', undefined],
  ['12:30', undefined],
  ['2020-01-01', undefined],
  ['yes', undefined],
  ['', undefined],
  ['1'.repeat(1_000_000), undefined],
])('%.20s as an integer is %s', (text, expected) => {
  expect(integerOf(plain(text))).toBe(expected)
  expect(integerOf(quoted(text))).toBeUndefined()
})

test.each([
  [true, 'true True TRUE yes Yes YES on On ON y Y'],
  [false, 'false False FALSE no No NO off Off OFF n N'],
  [undefined, 'tRUE yEs 1 0 null ~ enabled'],
])('%s is what %s are', (expected, words) => {
  for (const word of words.split(' ')) {
    expect(booleanOf(plain(word))).toBe(expected)
    expect(booleanOf(quoted(word))).toBeUndefined()
  }
})

test('nothing is written in five ways, and none of them in quotes', () => {
  for (const word of ['', '~', 'null', 'Null', 'NULL']) {
    expect(isNull(plain(word))).toBe(true)
    expect(isNull(quoted(word))).toBe(false)
  }
  expect(isNull(plain('none'))).toBe(false)
})
