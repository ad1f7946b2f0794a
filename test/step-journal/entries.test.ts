import { describe, expect, test } from 'vitest'
import { type Entry, formatEntries, readEntries } from '../../src/step-journal/entries.ts'

const key = { config: 'c', machine: 'm', flag: '1' }
const run = (rest: Partial<Extract<Entry, { kind: 'run' }>> = {}): Entry => ({
  kind: 'run',
  ...key,
  boot: 'b1',
  stage: 'disks',
  ...rest,
})
const begun = (name: string, before?: string): Entry => ({
  kind: 'begun',
  name,
  ...(before !== undefined && { before }),
})
const ended = (name: string): Entry => ({ kind: 'ended', name })

const read = (...entries: readonly Entry[]) => {
  const claims = readEntries(entries.map((entry) => formatEntries([entry])).join(''), key)
  return Object.fromEntries([...claims].map(([name, { kind }]) => [name, kind]))
}

describe('a journal', () => {
  const cases: readonly (readonly [string, readonly Entry[], Readonly<Record<string, string>>])[] = [
    ['that is empty', [], {}],
    ['of a run that was cut off', [run(), begun('a'), begun('b'), ended('a')], { a: 'ended', b: 'begun' }],
    ['of two runs', [run(), begun('a'), run({ boot: 'b2' }), begun('a'), ended('a')], { a: 'ended' }],
    ['of something that was ended and begun again', [run(), ended('a'), begun('a')], { a: 'begun' }],
    ['of another config', [run({ config: 'x' }), begun('a')], {}],
    ['of another machine', [run({ machine: 'x' }), begun('a')], {}],
    ['of another first boot', [run({ flag: '2' }), begun('a')], {}],
    [
      'of another config, then of this',
      [run({ config: 'x' }), begun('a'), run(), begun('b')],
      { b: 'begun' },
    ],
    ['of this, then of another', [run(), begun('b'), run({ config: 'x' }), begun('a')], {}],
    ['of something that was taken back', [run(), begun('a'), { kind: 'takenBack', name: 'a' }], {}],
    ['that is complete', [run(), begun('a'), ended('b'), { kind: 'complete' }], { b: 'ended' }],
  ]
  test.each(cases)('%s', (_, entries, claims) => {
    expect(read(...entries)).toEqual(claims)
  })

  test('says what was there before', () => {
    const claims = readEntries(formatEntries([run(), begun('a', '12 x')]), key)
    expect(claims.get('a')).toEqual({ kind: 'begun', before: '12 x' })
  })

  test('a line that a cut has left half written is passed over, and so is what is no entry', () => {
    const text = formatEntries([run(), begun('a')])
    for (let length = text.length - 2; length > text.indexOf('begun'); length--) {
      const torn = text.slice(0, length)
      const claims = readEntries(torn + formatEntries([run({ boot: 'b2' }), begun('b')]), key)
      expect([...claims.keys()], torn).toEqual(['b'])
    }
    const noise = [
      'null',
      '3',
      '[]',
      '"x"',
      '{}',
      '{"kind":"begun"}',
      '{"kind":"run","stage":"x"}',
      '\0\0',
      '{"kind":',
    ]
    expect(readEntries(noise.join('\n'), key)).toEqual(new Map())
  })
})
