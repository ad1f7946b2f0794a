import { expect, test } from 'vitest'
import { readVersion, versions } from '../../src/spec/versions.ts'

test.each(versions)('%s is itself', (version) => {
  expect(readVersion(version)).toEqual({ kind: 'version', version })
})

test.each([
  ['03.00.0', '3.0.0'],
  ['3.0.0-', '3.0.0'],
  ['3.0.0+', '3.0.0'],
  ['3.7.0-experimental+', '3.7.0-experimental'],
])('%j means %s', (text, version) => {
  expect(readVersion(text)).toEqual({ kind: 'version', version })
})

test.each([
  '3.0.0+x',
  '3.0.1',
  '3.7.0',
  '3.6.0-experimental',
  '3.8.0-experimental',
  '2.2.0',
  '4.0.0',
  '99.0.0',
])('%j is not supported', (text) => {
  expect(readVersion(text)).toEqual({ kind: 'unsupported' })
})

test.each([
  '',
  '3',
  '3.0',
  '3.0.0.0',
  'v3.0.0',
  ' 3.0.0',
  '3.0.0 ',
  '3.-0.0',
  '3.0.0-a..b',
  '3.0.0-a_b',
  '99999999999999999999.0.0',
])('%j is not a version', (text) => {
  expect(readVersion(text)).toEqual({ kind: 'invalid' })
})
