import { expect, test } from 'vitest'
import { formatEntry } from '../../src/spec/report.ts'
import { parseText, reportOf } from '../helpers/parse.ts'

const secret = 'correct-horse'

test.each([
  [
    'a source with a token, twice',
    { ignition: { config: { merge: [0, 1].map(() => ({ source: `http://h/?t=${secret}` })) } } },
  ],
  [
    'a wrong hash',
    { storage: { files: [{ path: '/a', contents: { source: 'data:,', verification: { hash: secret } } }] } },
  ],
  ['a wrong data URL', { storage: { files: [{ path: '/a', contents: { source: `data:,${secret} ` } }] } }],
  ['a wrong URL', { storage: { files: [{ path: '/a', contents: { source: `http://u:${secret}@[` } }] } }],
  [
    'an empty header',
    {
      storage: {
        files: [{ path: '/a', contents: { source: secret, httpHeaders: [{ name: '', value: secret }] } }],
      },
    },
  ],
  ['a key, twice', { passwd: { users: [{ name: 'u', sshAuthorizedKeys: [secret, secret] }] } }],
  ['a password hash of the wrong type', { passwd: { users: [{ name: 'u', passwordHash: [secret] }] } }],
  ['a wrong unit', { systemd: { units: [{ name: 'a.service', contents: `[Unit] ${secret}` }] } }],
  [
    'a wrong advertisement',
    { storage: { luks: [{ name: 'a', clevis: { tang: [{ url: secret, advertisement: secret }] } }] } },
  ],
])('%s is reported without its value', (_, config) => {
  const ignition = 'ignition' in config ? config.ignition : {}
  const report = reportOf({ ...config, ignition: { version: '3.6.0', ...ignition } })
  expect(report).not.toEqual([])
  for (const entry of report) expect(formatEntry(entry)).not.toContain(secret)
})

test('a syntax error does not quote what is around it', () => {
  const outcome = parseText(`{"passwordHash": "${secret}" "${secret}"}`)
  expect(JSON.stringify(outcome)).not.toContain(secret)
})
