import { expect, test } from 'vitest'
import type { Config } from '../../src/spec/config.ts'
import { emptyConfig } from '../../src/spec/config.ts'
import { deserializeConfig } from '../../src/spec/deserialize.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { versions } from '../../src/spec/versions.ts'
import { fullConfig } from './full-config.ts'

function parsed(value: unknown): Config {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const outcome = parseConfig(new TextEncoder().encode(text))
  if (outcome.kind !== 'config') throw new Error(JSON.stringify(outcome))
  return outcome.config
}

test('an empty config keeps its empty objects and nothing else', () => {
  expect(serializeConfig(emptyConfig)).toBe(
    '{"ignition":{"config":{"replace":{"verification":{}}},"proxy":{},"security":{"tls":{}},"timeouts":{},' +
      '"version":"3.7.0-experimental"},"kernelArguments":{},"passwd":{},"storage":{},"systemd":{}}',
  )
})

test.each(versions)('a config of %s with every field survives', (version) => {
  const config = parsed(fullConfig(version))
  expect(deserializeConfig(serializeConfig(config))).toEqual(config)
})

test('integers are exact', () => {
  const users =
    '[{"name":"a","uid":9007199254740993},{"name":"b","uid":-9223372036854775808},{"name":"c","uid":-0}]'
  const config = parsed(`{"ignition":{"version":"3.4.0"},"passwd":{"users":${users}}}`)
  expect(config.passwd.users.map(({ uid }) => uid)).toEqual([9007199254740993n, -9223372036854775808n, 0])
  const text = serializeConfig(config)
  expect(text).toContain('"uid":9007199254740993')
  expect(deserializeConfig(text)).toEqual(config)
})

test('digits in strings stay strings', () => {
  const hash = '1'.repeat(128)
  const file = { path: `/${hash}`, contents: { source: 'data:,', verification: { hash: `sha512-${hash}` } } }
  const config = parsed({ ignition: { version: '3.4.0' }, storage: { files: [file] } })
  expect(deserializeConfig(serializeConfig(config))).toEqual(config)
})

test.each([
  ['', /JSON/],
  ['[]', /not a config: +must be object/],
  ['{"storage":{"files":[{"path":1}]}}', /storage\/files\/0\/path must be string/],
  ['{"storage":{"files":[{"path":"/a","mode":"420"}]}}', /mode must be a whole number/],
  ['{"storage":{"files":[{"path":"/a","mode":1.5}]}}', /mode must be a whole number/],
])('%s is not a cached config', (text, message) => {
  expect(() => deserializeConfig(text)).toThrow(message)
})
