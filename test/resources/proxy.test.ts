import { expect, test } from 'vitest'
import { selectProxy } from '../../src/resources/proxy.ts'
import { Secret } from '../../src/secret.ts'

const http = (httpProxy: string) => ({ httpProxy: new Secret(httpProxy) })
const proxies = { ...http('http://plain:1'), httpsProxy: new Secret('http://secure:2') }
const choose = (url: string, ...noProxy: string[]) => selectProxy(url, { ...proxies, noProxy })

test('the scheme decides, without falling back on the other proxy', () => {
  expect(choose('http://example.org/')).toBe('http://plain:1')
  expect(choose('HTTPS://example.org/')).toBe('http://secure:2')
  expect(selectProxy('https://example.org/', { ...http('http://plain:1'), noProxy: [] })).toBeUndefined()
  expect(selectProxy('http://example.org/', { ...http(''), noProxy: [] })).toBeUndefined()
  expect(selectProxy('http://example.org/', { ...http('proxy:3128'), noProxy: [] })).toBe('http://proxy:3128')
})

test.each([
  'localhost',
  'LOCALHOST:8080',
  '127.0.0.1',
  '127.9.9.9:80',
  '[::1]',
  '[::ffff:127.0.0.1]',
  'u:p@localhost',
])('%s is always direct', (authority) => {
  expect(choose(`http://${authority}/`)).toBeUndefined()
})

const rules: readonly (readonly [entry: string, direct: readonly string[], proxied: readonly string[]])[] = [
  ['*', ['http://example.org', 'http://10.0.0.1'], []],
  [
    'example.org',
    ['http://example.org', 'http://a.EXAMPLE.org:81'],
    ['http://notexample.org', 'http://example.org.uk'],
  ],
  ['.example.org', ['http://a.example.org'], ['http://example.org']],
  ['*.example.org', ['http://a.example.org'], ['http://example.org']],
  ['example.org:8080', ['http://example.org:8080'], ['http://example.org']],
  ['example.org:80', ['http://example.org'], ['https://example.org']],
  [
    '10.0.0.0/8',
    ['http://10.9.8.7', 'http://[::ffff:10.0.0.1]'],
    ['http://11.0.0.1', 'http://10.0.0.1.example.org'],
  ],
  ['10.1.2.3', ['http://10.1.2.3:99'], ['http://10.1.2.4']],
  ['10.1.2.3:99', ['http://10.1.2.3:99'], ['http://10.1.2.3']],
  ['fd00::/8', ['http://[fd12::1]', 'http://[fd12::1%25eth0]:80'], ['http://[fe80::1]']],
  ['[fd12::1]:443', ['https://[fd12::1]'], ['http://[fd12::1]']],
  ['fd12::1', ['http://[fd12:0:0:0:0:0:0:1]:5'], ['http://[fd12::2]']],
  [' , Example.ORG ,', ['http://example.org'], ['http://other']],
  [':80', [], ['http://example.org']],
  ['10.0.0.0/33', [], ['http://10.0.0.1']],
]

test.each(rules)('noProxy %j', (entry, direct, proxied) => {
  expect(direct.filter((url) => choose(url, 'unrelated.example', entry) !== undefined)).toEqual([])
  expect(proxied.filter((url) => choose(url, 'unrelated.example', entry) === undefined)).toEqual([])
})
