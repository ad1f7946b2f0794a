import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseBytes } from '../../src/acquire/parse-bytes.ts'
import { Secret } from '../../src/secret.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const yaml =
  'variant: fcos\nversion: 1.5.0\nstorage: {files: [{path: /etc/motd, mode: 0600, contents: {inline: hi}}]}\n'

const parse = async (content: string | Uint8Array) => {
  const system = fakeSystem()
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { system, parsed: await parseBytes({ system, bytes, origin: 'user data' }) }
}

const motd = {
  kind: 'config',
  sourced: {
    config: {
      storage: { files: [{ path: '/etc/motd', mode: 0o600, contents: { source: new Secret('data:,hi') } }] },
    },
  },
}

describe('a config of the user', () => {
  test.each([
    ['YAML', yaml],
    ['YAML as gzip data', gzipSync(yaml)],
    ['gzip data of several members', Buffer.concat([gzipSync(yaml.slice(0, 20)), gzipSync(yaml.slice(20))])],
  ])('may be %s', async (_, content) => {
    expect((await parse(content)).parsed).toMatchObject(motd)
  })

  test('may be JSON as gzip data', async () => {
    const { parsed } = await parse(gzipSync('{"ignition":{"version":"3.4.0"}}'))
    expect(parsed.kind).toBe('config')
  })

  test('that unpacks to nothing is empty', async () => {
    expect((await parse(gzipSync(''))).parsed).toEqual({ kind: 'empty' })
  })
})

test.each([
  [
    'local files',
    `${yaml.slice(0, 29)}storage: {files: [{path: /a, contents: {local: a}}]}`,
    /line 3 col \d+: .*no local files here/,
  ],
  ['a script', '#!/bin/sh\n', /a script, not a config/],
  [
    'damaged gzip data',
    gzipSync(yaml).subarray(0, 30),
    /user data begins like gzip data but cannot be unpacked/,
  ],
  [
    'gzip data and more',
    Buffer.concat([gzipSync(yaml), Buffer.from('x')]),
    /user data begins like gzip data/,
  ],
  [
    'more than 64 MiB in a small file',
    gzipSync(new Uint8Array(64 * 1024 * 1024 + 1)),
    /user data unpacks to more than 64 MiB/,
  ],
])('%s cannot be a config at boot', async (_, content, message) => {
  await expect(parse(content)).rejects.toMatchObject({
    code: 'FL_CONFIG_INVALID',
    message: expect.stringMatching(message) as string,
  })
})
