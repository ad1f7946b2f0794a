import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/spec/parse.ts'
import { readConfig } from '../../src/spec/read-config.ts'

const encoder = new TextEncoder()

/** What is no config: how it is told, and a word that the message has. */
test.each<[string, string | Uint8Array, RegExp]>([
  ['a script', '#!/bin/sh\ncat <<E\nvariant: fcos\nE\n', /a script/],
  ['cloud-config', '#cloud-config\nusers:\n  - name: core\n', /cloud-config/],
  ['an include of cloud-init', '#include\nhttps://example.com\n', /cloud-init/],
  ['a template of cloud-init', '## template: jinja\n#cloud-config\n', /cloud-init/],
  ['a MIME message', 'Content-Type: multipart/mixed; boundary="x"\n\nvariant: fcos\n', /MIME/],
  ['another MIME message', 'MIME-Version: 1.0\n', /MIME/],
  ['gzip data', gzipSync('{}'), /gzip/],
  ['a web page', '<!DOCTYPE html><html>', /web page/],
  [
    'a Container Linux Config',
    'storage:\n  files:\n    - filesystem: root\n      path: /a\n',
    /Container Linux Config/,
  ],
  ['a Container Linux Config with etcd', 'etcd:\n  version: 3.0.15\n', /Container Linux Config/],
  ['YAML without a variant', 'storage:\n  files:\n    - path: /a\n', /without a variant/],
  ['Ignition as YAML', 'ignition:\n  version: 3.4.0\n', /without a variant/],
])('%s is named, and reported as the reference does', async (_, content, message) => {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content
  const outcome = await readConfig(bytes)
  const plain = parseConfig(bytes)
  if (outcome.kind !== 'invalid' || plain.kind !== 'invalid') throw new Error(outcome.kind)
  const [entry] = outcome.report
  const [before] = plain.report
  expect(outcome.report).toHaveLength(1)
  expect(entry?.message).toMatch(message)
  expect({ ...entry, message: '' }).toEqual({ ...before, message: '' })
})

test.each([
  ['{', /ends early/],
  ['{"a": 1,}', /expected a key/],
  ['hello', /expected a value/],
])('%s is a plain syntax error', async (text, message) => {
  const outcome = await readConfig(encoder.encode(text))
  expect(outcome).toMatchObject({
    kind: 'invalid',
    report: [{ message: expect.stringMatching(message) as string }],
  })
})

test.each([
  'variant: fcos\nversion: 1.5.0\n',
  '# a comment\n\n"variant": fcos\nversion: 1.5.0\n',
  '\ufeffvariant: fcos\r\nversion: 1.5.0\r\n',
  '{"variant": "fcos", "version": "1.5.0"}',
  '{version: 1.5.0, variant: fcos}',
  '---\nversion: 1.5.0\nvariant: fcos\n',
])('%j is YAML with a variant', async (text) => {
  expect((await readConfig(encoder.encode(text))).kind).toBe('config')
})

test('an Ignition config that says variant somewhere is still an Ignition config', async () => {
  const text = '{"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/a", "variant": "fcos"}]}}'
  const { map: _, ...read } = { map: undefined, ...(await readConfig(encoder.encode(text))) }
  expect(parseConfig(encoder.encode(text))).toMatchObject(read)
  expect(read.kind).toBe('config')
  const broken = encoder.encode(text.slice(0, -1))
  expect(await readConfig(broken)).toEqual(parseConfig(broken))
})
