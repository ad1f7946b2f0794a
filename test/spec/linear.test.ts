import { expect, test } from 'vitest'
import { parseText } from '../helpers/parse.ts'

const many = 200_000
const version = { ignition: { version: '3.6.0' } }
const source = (text: string) => ({
  ...version,
  storage: { files: [{ path: '/a', contents: { source: text } }] },
})
const unit = (contents: string, name = 'a.service') => ({
  ...version,
  systemd: { units: [{ name, enabled: true, contents }] },
})

/** Inputs that grow slow code beyond all measure: with time in the square of their size they take minutes. */
test.each([
  [
    'keys without effect beside a letter of two bytes',
    `{"é":1,${'"k":[{"a":1}],'.repeat(many)}"ignition":{"version":"3.6.0"}}`,
  ],
  [
    'a deep path and a link',
    { ...version, storage: { links: [{ path: '/a', target: 'b' }], files: [{ path: '/a'.repeat(many) }] } },
  ],
  ['a unit of section headers', unit('[a]\n'.repeat(many))],
  ['a unit of options', unit(`[a]\n${'a=b\\\n'.repeat(many)}`)],
  ['a name of at signs', unit('[a]\n', `${'@'.repeat(many)}.service`)],
  ['a query', source(`s3://b/k?${'&a=%41'.repeat(many)}`)],
  ['parameters of a data URL', source(`data:${';a=b'.repeat(many)},x`)],
  ['an unclosed address', source(`http://[${'::1'.repeat(many)}`)],
  [
    'repeated lists',
    `{"ignition":{"version":"3.6.0"},"storage":{${'"files":[{"path":"/a"}],'.repeat(many)}"x":1}}`,
  ],
  ['brackets', '['.repeat(many)],
])('%s takes no longer than it is long', (_, config) => {
  const started = performance.now()
  expect(parseText(config).kind).not.toBe('empty')
  expect(performance.now() - started).toBeLessThan(10_000)
})
