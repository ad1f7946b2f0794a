import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConfig, validateConfig } from '../../src/spec/parse.ts'
import { isSince, versions } from '../../src/spec/versions.ts'
import { fullConfig } from '../spec/full-config.ts'

/** What identifies an item or is needed by a rule of its object stays. */
const kept = new Set([
  'ignition',
  'version',
  'path',
  'name',
  'device',
  'devices',
  'level',
  'number',
  'url',
  'thumbprint',
])
const keptTogether = new Set(['source', 'format', 'httpHeaders', 'verification'])

/** A config with some of its members left out. */
function partOf(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value)) return fc.tuple(...value.map(partOf))
  if (typeof value !== 'object' || value === null) return fc.constant(value)
  const members = Object.entries(value)
  return fc.record(Object.fromEntries(members.map(([name, member]) => [name, partOf(member)])), {
    requiredKeys: members.map(([name]) => name).filter((name) => kept.has(name) || keptTogether.has(name)),
  })
}

/** Rules that older versions do not have and that are first applied to the upgraded config, as in the reference. */
const lateRules = ['LINK-TARGET', 'SRC-REQUIRED', 'CLEVIS-PIN-REQUIRED', 'CLEVIS-CONFIG-REQUIRED']

describe.each(versions)('%s', (version) => {
  test('a config that is right is still right when it is upgraded', () => {
    let right = 0
    fc.assert(
      fc.property(partOf(fullConfig(version)), (value) => {
        const outcome = parseConfig(new TextEncoder().encode(JSON.stringify(value)))
        if (outcome.kind !== 'config') return
        right += 1
        const errors = validateConfig(outcome.config).filter(({ severity }) => severity === 'error')
        const allowed = isSince(version, '3.3.0') ? [] : lateRules
        expect(errors.filter(({ rule }) => !allowed.includes(rule))).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(right).toBeGreaterThan(30)
  })
})
