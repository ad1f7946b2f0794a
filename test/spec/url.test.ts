import { expect, test } from 'vitest'
import { firstQueryValue, parseUrl } from '../../src/spec/url.ts'

test.each([
  ['', { scheme: '', authority: '', path: '' }],
  ['*', { scheme: '', path: '*' }],
  [
    'HTTP://User:pw@Host:80/a b?q#f',
    { scheme: 'http', authority: 'User:pw@Host:80', path: '/a b', query: 'q' },
  ],
  ['http:', { scheme: 'http', opaque: '' }],
  [
    'arn:aws:s3:::bucket/key?versionId=1',
    { scheme: 'arn', opaque: 'aws:s3:::bucket/key', query: 'versionId=1' },
  ],
  ['data:,%zz', { scheme: 'data', opaque: ',%zz' }],
  ['http://h:99999/', { authority: 'h:99999' }],
  ['http://h:80:80/', { authority: 'h:80:80' }],
  ['http://[::1]:80/', { authority: '[::1]:80' }],
  ['http://[1:2:3:4:5:6:7:8]', {}],
  ['http://[1:2:3:4:5:6:1.2.3.4]', {}],
  ['http://[::ffff:1.2.3.4]', {}],
  ['http://[1::]', {}],
  ['http://[fe80::1%25en%2D0]', {}],
  ['http://[fe80::1%25a%20b]', {}],
  ['http://é/', { authority: 'é' }],
  ['http://%80/', { authority: '%80' }],
  ['///a', { scheme: '', authority: '', path: '///a' }],
  ['//a/b', { scheme: '', authority: 'a', path: '/b' }],
  ['1a:b/c', undefined],
  [':a', undefined],
  ['a:b', { scheme: 'a', opaque: 'b' }],
  ['é:b', undefined],
  ['./a:b', { scheme: '', path: './a:b' }],
  ['http://h/%4', undefined],
  ['http://h/#%zz', undefined],
  ['http://h/?%zz', { query: '%zz' }],
  ['http://h/\u0001', undefined],
  ['http://h/\u007f', undefined],
  ['http://h/#\u0001', { path: '/' }],
  ['http://a b/', undefined],
  ['http://%41/', undefined],
  ['http://u%zz@h/', undefined],
  ['http://u[@h/', undefined],
  ['http://h:8a/', undefined],
  ['http://[::1', undefined],
  ['http://x[::1]/', undefined],
  ['http://[::1]x/', undefined],
  ['http://[1.2.3.4]/', undefined],
  ['http://[1::2::3]/', undefined],
  ['http://[1:2:3:4:5:6:7]/', undefined],
  ['http://[1:2:3:4:5:6:7::8]/', undefined],
  ['http://[12345::]/', undefined],
  ['http://[::1.2.3.256]/', undefined],
  ['http://[::1.2.03.4]/', undefined],
  ['http://[::%25]/', undefined],
  ['http://[::%25%2f]/', undefined],
  ['http://[::%41]/', undefined],
  ['http://[]/', undefined],
])('%j', (text, expected) => {
  const url = parseUrl(text)
  if (expected === undefined) expect(url).toBeUndefined()
  else expect(url).toMatchObject(expected)
})

test('a scheme-less first part must not look like a scheme', () => {
  expect(parseUrl('a b:c')).toBeUndefined()
})

test.each([
  ['versionId=1', '1'],
  ['versionId', ''],
  ['a=b&versionId=&versionId=2', ''],
  ['%76ersionId=x%20y+z', 'x y z'],
  ['versionId=a;b&versionId=c', 'c'],
  ['versionId=%zz', undefined],
  ['', undefined],
])('versionId in %j is %j', (query, value) => {
  expect(firstQueryValue(query, 'versionId')).toBe(value)
})
