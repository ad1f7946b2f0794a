import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { IgnitionError } from '../src/errors.ts'
import { reveal, Secret } from '../src/secret.ts'

const text = 'canary'
const secret = new Secret(text)

/** As it is in code that the types have not seen. */
const taken = secret as unknown as string & Record<string, unknown>

test.each<[string, () => string]>([
  ['String', () => String(secret)],
  ['a template', () => `${taken}`],
  ['concatenation', () => ['a', secret].join(' ')],
  ['JSON', () => JSON.stringify({ a: [secret], b: secret })],
  ['JSON of a copy', () => JSON.stringify({ ...(taken as object) })],
  [
    'inspect',
    () => inspect({ a: new Map([[secret, secret]]) }, { depth: 9, showHidden: true, getters: true }),
  ],
  [
    'an error',
    () => inspect(new IgnitionError({ code: 'FL_FILE', message: `bad: ${taken}`, cause: secret })),
  ],
  ['its keys', () => inspect(Object.getOwnPropertyDescriptors(secret), { depth: 5 })],
  ['a clone', () => inspect(structuredClone(secret))],
])('a secret does not come out by %s', (_, print) => {
  expect(print()).not.toContain(text)
})

test('whoever needs it gets it by name', () => {
  expect(secret.reveal()).toBe(text)
  expect([reveal(secret), reveal('open')]).toEqual([text, 'open'])
  expect(`${taken}`).toBe('<secret>')
})

test('in tests, two are equal when their texts are', () => {
  expect({ a: [new Secret('a')] }).toEqual({ a: [new Secret('a')] })
  for (const other of [new Secret('b'), 'a', '<secret>', {}, undefined]) {
    expect({ a: [new Secret('a')] }).not.toEqual({ a: [other] })
    expect({ a: new Secret('a') }).not.toMatchObject({ a: other })
    expect([other]).not.toStrictEqual([new Secret('a')])
  }
})
