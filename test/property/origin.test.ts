import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Secret } from '../../src/secret.ts'
import { configField } from '../../src/spec/config.ts'
import type { Field } from '../../src/spec/field.ts'
import { type KeptPlaces, keepPlaces, restorePlaces } from '../../src/spec/kept-places.ts'
import { mergeSourced, placeOf, type Sourced } from '../../src/spec/origin.ts'
import type { ConfigPath } from '../../src/spec/report.ts'
import { jsonText, sourcedFrom } from '../helpers/sourced.ts'

/** Few names, so that they meet. */
const path = fc.constantFrom('/a', '/b', '/c', '/d')
const node = { path, mode: fc.option(fc.integer({ min: 0, max: 511 }), { nil: undefined }) }
const contents = fc.record(
  { source: fc.integer().map((number) => `http://h/${number}`), compression: fc.constant('gzip') },
  { requiredKeys: ['source'] },
)
const unique = { selector: (item: { path?: string; name?: string }) => item.path ?? item.name }

/** Configs of which each value that is not a name is hardly ever twice. */
const parts = fc.record({
  kernelArguments: fc.record({ shouldExist: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')) }),
  passwd: fc.record({
    users: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('u', 'v', 'w'),
        gecos: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        groups: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
      }),
      unique,
    ),
  }),
  storage: fc
    .uniqueArray(
      fc.record({ ...node, kind: fc.boolean(), contents, append: fc.array(contents, { maxLength: 2 }) }),
      unique,
    )
    .map((nodes) => ({
      files: nodes
        .filter(({ kind }) => kind)
        .map(({ path: at, mode, contents: from, append }) => ({ path: at, mode, contents: from, append })),
      directories: nodes.filter(({ kind }) => !kind).map(({ path: at, mode }) => ({ path: at, mode })),
    })),
})

/** Every scalar of a config but the version, with its path. */
function scalarsOf(field: Field, value: unknown, at: ConfigPath = []): (readonly [ConfigPath, unknown])[] {
  switch (field.kind) {
    case 'object':
      return Object.entries(field.fields).flatMap(([name, inner]) =>
        scalarsOf(inner, (value as Record<string, unknown>)[name], [...at, name]),
      )
    case 'list':
      return (value as unknown[]).flatMap((item, index) => scalarsOf(field.item, item, [...at, index]))
    case 'string':
    case 'integer':
    case 'boolean':
      return value === undefined || at.at(-1) === 'version' ? [] : [[at, value]]
    case 'secret':
      return value === undefined ? [] : [[at, (value as Secret).reveal()]]
  }
}

/** The JSON value that begins at a place of a text with one value a line. */
function valueAt(text: string, { line, column }: { line: number; column: number }): unknown {
  const row = text.split('\n')[line - 1] ?? ''
  return JSON.parse(
    Buffer.from(row)
      .subarray(column - 1)
      .toString()
      .replace(/,$/, ''),
  )
}

test('every value of merged configs is found where it stands in its text, also by a later stage', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async (all) => {
      const texts = all.map((one) => jsonText(one))
      const sourced = await Promise.all(texts.map((text, index) => sourcedFrom(String(index), text)))
      const merged = sourced.reduce((parent, child) => mergeSourced(parent, child))
      const kept = restorePlaces(JSON.parse(JSON.stringify(keepPlaces(merged))) as KeptPlaces)
      const later: Sourced = { config: merged.config, origin: kept }
      for (const [at, value] of scalarsOf(configField, merged.config)) {
        const place = placeOf(merged, at)
        expect(place && valueAt(texts[Number(place.source)] ?? '', place.position)).toBe(value)
        expect(placeOf(later, at)).toEqual(place)
      }
    }),
    { numRuns: 300 },
  )
})
