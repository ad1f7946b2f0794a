import { expect, test } from 'vitest'
import { parseTarget, withoutCredentials } from '../../src/system/target.ts'

test.each([
  ['http://h', { secure: false, host: 'h', port: 80, authority: 'h', path: '/' }],
  ['HTTPS://h:/', { secure: true, host: 'h', port: 443, authority: 'h', path: '/' }],
  ['http://h:8080/a/../b/./c?q=1&r#f', { port: 8080, authority: 'h:8080', path: '/a/../b/./c?q=1&r' }],
  ['http://h?q', { host: 'h', path: '/?q' }],
  ['http://h#f', { host: 'h', path: '/' }],
  ['http://[fe80::1%25eth0]:81/x', { host: 'fe80::1%eth0', authority: '[fe80::1]:81', port: 81 }],
  ['http://[fe80::1%eth0]/x', { host: 'fe80::1%eth0', authority: '[fe80::1]' }],
  ['http://us%20er:p%40ss@h/x', { host: 'h', authority: 'h', credentials: 'us er:p@ss' }],
  ['http://h/ü x%20', { path: '/%C3%BC%20x%20' }],
])('%s', (url, expected) => {
  expect(parseTarget(url)).toMatchObject(expected)
})

test.each(['ftp://h/', 'http:///x', 'http://', 'h/x', 'http://h:x/', 'http://%zz@h/'])(
  '%s is refused',
  (url) => {
    expect(() => parseTarget(url)).toThrow(/is not a URL/)
  },
)

test('a URL is shown without user name and password', () => {
  expect(withoutCredentials('https://user:secret@h/x@y')).toBe('https://h/x@y')
  expect(withoutCredentials('http://h/x@y')).toBe('http://h/x@y')
  expect(() => parseTarget('http://user:secret@h:x/')).toThrow(/^http:\/\/h:x\/ is not/)
})
