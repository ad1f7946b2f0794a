import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutSecrets } from '../../src/acquire/forget-secrets.ts'
import { formatFailure } from '../../src/commands/failure.ts'
import { IgnitionError } from '../../src/errors.ts'
import { Secret } from '../../src/secret.ts'
import { type Config, configField } from '../../src/spec/config.ts'
import { deserializeConfig } from '../../src/spec/deserialize.ts'
import { mergeConfigs } from '../../src/spec/merge.ts'
import { parseConfig, validateConfig } from '../../src/spec/parse.ts'
import { formatEntry } from '../../src/spec/report.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { anyOf } from '../helpers/any-config.ts'

/** No other word of a config has it. */
const canary = 'canary'

const secretText = fc.constantFrom(
  canary,
  `data:,${canary}`,
  `DATA:text/plain,${canary}`,
  `http://me:${canary}@h/?token=${canary}`,
  `[Unit]\nA=${canary}`,
  `[Unit ${canary}`,
  `"${canary}"`,
  `${canary} é "\\`,
)

const config = anyOf(configField, secretText).map((value) => value as Config)

/** Every secret of a config, and every object of it. */
function partsOf(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  return value instanceof Secret ? [value] : [value, ...Object.values(value).flatMap(partsOf)]
}

const secretsOf = (value: Config): readonly string[] =>
  partsOf(value).flatMap((part) => (part instanceof Secret ? [part.reveal()] : []))

/** Whatever code may do to print a value by accident. */
const printed = (value: unknown): readonly string[] => [
  String(value),
  `${value as string}`,
  ['', value].join(' '),
  JSON.stringify(value),
  JSON.stringify({ ...(value as object) }),
  JSON.stringify(structuredClone(value)),
  inspect(value, { depth: null }),
  inspect(value, { depth: null, showHidden: true, getters: true, customInspect: false }),
]

/** What errors become where they are shown. */
const told = (cause: unknown): readonly string[] => {
  const error = new IgnitionError({ code: 'FL_FILE', message: `bad: ${cause as string}`, cause })
  return [String(error), inspect(error, { depth: null }), formatFailure('files', error)]
}

test('no config tells its secrets, however it is printed', () => {
  let found = 0
  fc.assert(
    fc.property(config, (value) => {
      found += secretsOf(value).length
      for (const part of [value, ...partsOf(value).slice(0, 40)])
        for (const text of [...printed(part), ...told(part)]) expect(text).not.toContain(canary)
    }),
    { numRuns: 40 },
  )
  expect(found).toBeGreaterThan(400)
})

test('a later stage has them all, and the same', () => {
  fc.assert(
    fc.property(config, (value) => {
      const later = deserializeConfig(serializeConfig(value))
      expect(later).toEqual(value)
      expect(secretsOf(later)).toEqual(secretsOf(value))
    }),
  )
})

test('a merge keeps them secrets', () => {
  fc.assert(
    fc.property(config, config, (parent, child) => {
      const merged = mergeConfigs(parent, child)
      expect(deserializeConfig(serializeConfig(merged))).toEqual(merged)
      expect(JSON.stringify(merged)).not.toContain(canary)
    }),
  )
})

test('what is said about a config has none of them, and what is forgotten is gone', () => {
  fc.assert(
    fc.property(config, fc.nat(), (value, cut) => {
      const text = serializeConfig(value)
      expect(withoutSecrets(text)).not.toContain(canary)
      const bytes = new TextEncoder().encode(text.replace('"version":""', '"version":"3.5.0"'))
      const outcomes = [parseConfig(bytes), parseConfig(bytes.subarray(0, cut % (bytes.length + 1)))]
      const reports = outcomes.flatMap((outcome) => ('report' in outcome ? outcome.report : []))
      for (const entry of [...reports, ...validateConfig(value)])
        expect(formatEntry(entry)).not.toContain(canary)
      expect(
        inspect(
          outcomes.map((outcome) => ({ ...outcome, map: undefined })),
          { depth: null },
        ),
      ).not.toContain(canary)
    }),
  )
})
