import { expect, test } from 'vitest'
import { describeCause } from '../../src/resources/cause.ts'

const coded = (code: string, message: string) => Object.assign(new Error(message), { code })

test.each<[error: unknown, words: string]>([
  ['text', 'text'],
  [new Error('plain'), 'plain'],
  [new TypeError(''), 'TypeError'],
  [new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
  [new Error('outer: inner', { cause: new Error('inner') }), 'outer: inner'],
  [coded('ENOTFOUND', 'getaddrinfo ENOTFOUND h'), 'the name is not found (getaddrinfo ENOTFOUND h)'],
  [coded('EAI_AGAIN', 'getaddrinfo EAI_AGAIN h'), 'no name server answers (getaddrinfo EAI_AGAIN h)'],
  [coded('constructor', 'made up'), 'made up'],
  [
    new AggregateError([coded('ECONNREFUSED', 'connect 1'), coded('ENETUNREACH', 'connect 2')]),
    'connection refused (connect 1); no route to the network of the server (connect 2)',
  ],
  [new AggregateError([coded('EPIPE', 'x'), coded('EPIPE', 'x')]), 'the connection was closed (x)'],
  [
    coded('ERR_TLS_CERT_ALTNAME_INVALID', 'IP: 10.0.0.1 is not in the list'),
    'TLS: the certificate is for another name (IP: 10.0.0.1 is not in the list)',
  ],
])('%s', (error, words) => {
  expect(describeCause(error)).toBe(words)
})
