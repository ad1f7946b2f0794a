import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Config, configField, emptyConfig } from '../../src/spec/config.ts'
import { deserializeConfig } from '../../src/spec/deserialize.ts'
import { mergeConfigs } from '../../src/spec/merge.ts'
import { parseConfig, validateConfig } from '../../src/spec/parse.ts'
import { formatEntry } from '../../src/spec/report.ts'
import { runRules } from '../../src/spec/rules/run.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { newestVersion } from '../../src/spec/versions.ts'
import { anyOf } from '../helpers/any-config.ts'

const config: fc.Arbitrary<Config> = anyOf(configField).map((value) => value as Config)

const withVersion = (value: Config): Config => ({
  ...value,
  ignition: { ...value.ignition, version: newestVersion },
})

/** Letters of which JSON is made, and a few that it has no use for. */
const jsonLetter = fc.constantFrom(...'{}[]",:\\u0019.eE+-truefalsn '.split(''))

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('bytes', () => {
  test('any bytes have an outcome that can be printed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const outcome = parseConfig(bytes)
        if ('report' in outcome) for (const entry of outcome.report) expect(formatEntry(entry)).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })

  test('any JSON with a version has an outcome, and any change of a byte too', () => {
    const document = fc
      .json({ maxDepth: 5 })
      .map((text) => `{"ignition":{"version":"3.4.0"},"storage":${text}}`)
    fc.assert(
      fc.property(document, fc.nat(), fc.nat(255), (text, at, byte) => {
        const bytes = bytesOf(text)
        parseConfig(bytes)
        bytes[at % bytes.length] = byte
        expect(['config', 'invalid', 'version']).toContain(parseConfig(bytes).kind)
      }),
    )
  })

  test('only what JSON.parse takes is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: jsonLetter, maxLength: 12 }), (text) => {
        const outcome = parseConfig(bytesOf(text))
        const isSyntax = outcome.kind === 'invalid' && outcome.report[0]?.rule === 'JSON-SYNTAX'
        expect(isSyntax).toBe(text !== '' && !isJson(text))
      }),
      { numRuns: 5000 },
    )
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('configs', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(config, (value) => {
        expect(deserializeConfig(serializeConfig(value))).toEqual(value)
      }),
    )
  })

  test('both readers agree on what was written', () => {
    fc.assert(
      fc.property(config.map(withVersion), (value) => {
        const text = serializeConfig(value)
        const outcome = parseConfig(bytesOf(text))
        const findings = validateConfig(value).map(({ rule, path }) => [rule, path])
        if (outcome.kind === 'config') expect(outcome.config).toEqual(deserializeConfig(text))
        expect('report' in outcome && outcome.report.map(({ rule, path }) => [rule, path])).toEqual(findings)
      }),
    )
  })

  test('a config over or below an empty one is itself', () => {
    fc.assert(
      fc.property(config.map(withVersion), (value) => {
        expect(mergeConfigs(value, emptyConfig)).toEqual(value)
        expect(mergeConfigs(emptyConfig, value)).toEqual(value)
      }),
    )
  })

  test('a config over itself adds nothing but to lists that add up', () => {
    fc.assert(
      fc.property(config, (value) => {
        const twice = mergeConfigs(value, value)
        expect(twice.storage.files.map(({ path }) => path)).toEqual(
          value.storage.files.map(({ path }) => path),
        )
        expect(twice.passwd).toEqual(value.passwd)
        expect(twice.kernelArguments).toEqual(value.kernelArguments)
      }),
    )
  })

  test('keys stay unique in every merge', () => {
    fc.assert(
      fc.property(config, config, (parent, child) => {
        const { duplicates } = runRules(mergeConfigs(parent, child), newestVersion)
        expect(duplicates).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
