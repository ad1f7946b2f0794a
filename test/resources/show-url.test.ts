import { expect, test } from 'vitest'
import { describeCause } from '../../src/resources/cause.ts'
import { needsNetwork, schemeOf } from '../../src/resources/schemes.ts'
import { showUrl } from '../../src/resources/show-url.ts'

test.each([
  ['http://h/p?a=b', 'http://h/p?a=b'],
  ['https://user:secret@h/p@q', 'https://h/p@q'],
  [
    'https://h/o?X-Amz-Signature=abc&X-Amz-Date=2026&sig=x%20y#f',
    'https://h/o?X-Amz-Signature=***&X-Amz-Date=2026&sig=***#f',
  ],
  ['data:,secret', 'a data URL'],
  ['DATA:;base64,c2VjcmV0', 'a data URL'],
  ['', ''],
])('%j is shown as %j', (url, shown) => {
  expect(showUrl(url)).toBe(shown)
})

test.each([
  ['HTTP://h', 'http', true],
  ['data:,x', 'data', false],
  ['', '', false],
  ['/a/path', '', false],
  ['oem:///x', 'oem', true],
  ['arn:aws:s3:::b/k', 'arn', true],
])('%j has scheme %j, needs the network: %j', (url, scheme, network) => {
  expect(schemeOf(url)).toBe(scheme)
  expect(needsNetwork(url)).toBe(network)
})

test('a cause is told with what is inside it', () => {
  const errors = [new Error('refused'), new Error('timed out'), new Error('refused')]
  expect(describeCause(new AggregateError(errors))).toBe('refused; timed out')
  expect(describeCause(new Error('fetch failed', { cause: new Error('no route') }))).toBe(
    'fetch failed: no route',
  )
  expect(describeCause(new TypeError())).toBe('TypeError')
})
