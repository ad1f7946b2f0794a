import { expect, test } from 'vitest'
import { requestHeaders } from '../../src/resources/headers.ts'
import { reveal } from '../../src/secret.ts'

/** Headers as they go out. */
const sent = (...args: Parameters<typeof requestHeaders>) =>
  requestHeaders(...args).map(([name, value]) => [name, reveal(value)] as const)

const accept = 'application/vnd.coreos.ignition+json;version=3.6.0, */*;q=0.1'

test('the defaults', () => {
  expect(sent([], 'http://h/')).toEqual([
    ['User-Agent', 'Ignition/2.26.0'],
    ['Accept', accept],
    ['Accept-Encoding', 'identity'],
  ])
})

test('given headers replace by name in any case, the last one wins, and names become canonical', () => {
  const given = [
    { name: 'user-AGENT', value: 'mine' },
    { name: 'x-auth', value: 'one' },
    { name: 'X-AUTH', value: 'two' },
    { name: 'keep-alive', value: '300' },
  ]
  expect(sent(given, 'http://h/')).toEqual([
    ['User-Agent', 'mine'],
    ['Accept', accept],
    ['Accept-Encoding', 'identity'],
    ['X-Auth', 'two'],
    ['Keep-Alive', '300'],
  ])
})

test('headers that the transport writes are dropped', () => {
  const given = ['host', 'content-length', 'transfer-encoding', 'trailer'].map((name) => ({
    name,
    value: '1',
  }))
  expect(requestHeaders(given, 'http://h/')).toHaveLength(3)
})

test('user name and password become an Authorization, unless there is one', () => {
  const authorization = (given: { name: string; value: string }[], url: string) =>
    sent(given, url).find(([name]) => name === 'Authorization')?.[1]
  expect(authorization([], 'https://us%20er:p%3Ass:word@h/')).toBe(`Basic ${btoa('us er:p:ss:word')}`)
  expect(authorization([], 'https://user@h/')).toBe(`Basic ${btoa('user:')}`)
  expect(authorization([{ name: 'authorization', value: 'Bearer x' }], 'https://u:p@h/')).toBe('Bearer x')
  expect(authorization([], 'https://h/a@b')).toBeUndefined()
})

test.each([
  [{ name: '', value: 'x' }, 'has no name'],
  [{ name: 'X' }, 'has no value'],
  [{ name: 'X', value: '' }, 'has no value'],
  [{ name: 'X Y', value: 'x' }, 'has characters in its name'],
  [{ name: 'X', value: 'a\r\nEvil: b' }, 'has control characters'],
])('%j is refused', (header, message) => {
  expect(() => requestHeaders([header], 'http://h/')).toThrow(message)
})
