import { expect, test } from 'vitest'
import { readDocument } from '../../../src/spec/yaml/document.ts'
import type { YamlNode } from '../../../src/spec/yaml/node.ts'

/** The texts of a document, without positions. */
function plain(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.text
  if (node.kind === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.members].map(([key, { value }]) => [key, plain(value)]))
}

const read = (text: string): unknown => {
  const outcome = readDocument(text)
  return outcome.kind === 'fault' ? [outcome.rule, outcome.offset, outcome.message] : plain(outcome.root)
}

test.each([
  [
    'scalars stay what is written',
    "a: 0644\nb: yes\nc: 12:30\nd: \"a\\tb\"\ne: 'it''s'",
    { a: '0644', b: 'yes', c: '12:30', d: 'a\tb', e: "it's" },
  ],
  ['an anchor and its aliases', 'a: &x [1]\nb: *x\nc: {d: *x}', { a: ['1'], b: ['1'], c: { d: ['1'] } }],
  ['the nearest anchor above counts', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: '1', b: '1', c: '2', d: '2' }],
  [
    'own keys win over merged ones',
    'a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}',
    { a: { p: '1', q: '2' }, b: { q: '3', p: '1' } },
  ],
  ['earlier sources win over later ones', 'b: {<<: [{p: 1}, {p: 2, q: 3}]}', { b: { p: '1', q: '3' } }],
  ['a quoted merge key is a key', 'b: {"<<": 1}', { b: { '<<': '1' } }],
  ['block scalars', 'a: |\n  x\n   y\nb: >-\n  x\n  y\n', { a: 'x\n y\n', b: 'x y' }],
  [
    'a byte order mark, Windows line ends and a directive',
    '\ufeff%YAML 1.1\r\n---\r\na: b\r\n...\r\n',
    { a: 'b' },
  ],
  ['known tags say nothing new', 'a: !!str 1\nb: !!int 2\nc: !!map {}', { a: '1', b: '2', c: {} }],
  ['an empty value', 'a:\nb: ~', { a: '', b: '~' }],
])('%s', (_, text, expected) => {
  expect(read(text)).toEqual(expected)
})

test.each([
  ['a key that is there twice', 'a: 1\nb: 2\na: 3', ['YAML-SYNTAX', 10, 'the key "a" is there twice']],
  ['a tab', 'a:\n\tb: 1', ['YAML-SYNTAX', 3, expect.stringContaining('tabs')]],
  [
    'a second document',
    'a: 1\n---\nb: 2',
    ['YAML-SYNTAX', expect.any(Number), expect.stringContaining('second document')],
  ],
  ['an alias of nothing', 'a: *x', ['YAML-SYNTAX', 3, 'the alias *x names nothing that stands above it']],
  [
    'an alias within its own value',
    'a: &x [*x]',
    ['YAML-SYNTAX', 7, 'the alias *x stands within what it names'],
  ],
  [
    'an unknown tag',
    'a: !!binary aGk=',
    ['YAML-SYNTAX', expect.any(Number), expect.stringContaining('!!binary')],
  ],
  [
    'a tag of one’s own',
    'a: !secret x',
    ['YAML-SYNTAX', expect.any(Number), 'the tag !secret is not supported; leave it out'],
  ],
  ['a map for a key', '? {a: 1}\n: 2', ['YAML-SYNTAX', 2, expect.stringContaining('a key must be a word')]],
  ['merging what is no map', 'a: {<<: [1]}', ['YAML-SYNTAX', 9, expect.stringContaining('takes maps')]],
  ['a text that never ends', 'a: "b', ['YAML-SYNTAX', expect.any(Number), expect.any(String)]],
  [
    'too deep',
    `${'['.repeat(65)}${']'.repeat(65)}`,
    ['YAML-LIMIT', 64, expect.stringContaining('deeper than 64')],
  ],
  ['too long', 'a'.repeat(8 * 1024 * 1024 + 1), ['YAML-LIMIT', 0, expect.stringContaining('8 MiB')]],
])('%s is a fault', (_, text, expected) => {
  expect(read(text)).toEqual(expected)
})

/** Small texts that grow without bound, or take time in the square of their size, in careless readers. */
test.each([
  ['brackets', '['.repeat(100_000)],
  ['dashes', '- '.repeat(100_000)],
  ['steps', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['keys', Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join('\n')],
  [
    'merge keys',
    `a: &a {${Array.from({ length: 3000 }, (_, key) => `k${key}: 1`).join(',')}}\nb: {<<: [${'*a,'.repeat(3000)}]}`,
  ],
])('many %s take no longer than they are long', (_, text) => {
  const started = performance.now()
  readDocument(text)
  expect(performance.now() - started).toBeLessThan(15_000)
})
