import { expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { parsedConfig, parseText, reportOf } from '../helpers/parse.ts'

const withStorage = (storage: string, version = '3.4.0') =>
  parsedConfig(`{"ignition":{"version":"${version}"},"storage":{${storage}}}`).storage

test('a repeated list goes over the items of the first', () => {
  const { files } = withStorage('"files":[{"path":"/a","mode":420},{"path":"/c"}],"files":[{"path":"/b"}]')
  expect(files).toMatchObject([{ path: '/b', mode: 420 }])
})

test('a third list finds the items again that a shorter second left behind', () => {
  const { files } = withStorage(
    '"files":[{"path":"/a"},{"path":"/b","mode":420}],"files":[{}],"files":[{},{"overwrite":false}]',
  )
  expect(files).toMatchObject([{ path: '/a' }, { path: '/b', mode: 420, overwrite: false }])
})

test('an empty or null list between two others clears', () => {
  expect(
    withStorage('"files":[{"path":"/a","mode":1}],"files":[],"files":[{"path":"/b"}]').files[0]?.mode,
  ).toBe(undefined)
  expect(
    withStorage('"files":[{"path":"/a","mode":1}],"files":null,"files":[{"path":"/b"}]').files[0]?.mode,
  ).toBe(undefined)
})

test('null keeps the item that was there, and makes an empty one where none was', () => {
  expect(withStorage('"files":[{"path":"/a"}],"files":[null]').files).toMatchObject([{ path: '/a' }])
  expect(
    withStorage('"raid":[{"name":"r","level":"raid1","devices":["/a"],"options":[null]}]').raid[0]?.options,
  ).toEqual([''])
})

test('repeated objects come together, the last scalar counts, a null object changes nothing', () => {
  const config = parsedConfig(
    '{"ignition":{"version":"3.3.0"},"ignition":{"timeouts":{"httpTotal":1}},"ignition":{"timeouts":{"httpTotal":2}},"ignition":null}',
  )
  expect(config.ignition).toMatchObject({ version: '3.7.0-experimental', timeouts: { httpTotal: 2 } })
})

test('keys count in any case, also with the long s and the Kelvin sign', () => {
  const config = parsedConfig(
    '{"IGNITION":{"version":"3.4.0"},"\u017ftorage":{"LU\u212aS":[{"name":"a","device":"/a"}]}}',
  )
  expect(config.storage.luks).toMatchObject([{ name: 'a', device: '/a' }])
})

test('each wrong byte and each half of a pair is one replacement character', () => {
  const text =
    '{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"u","gecos":"\u00ff\u0080\\ud800\\u0041\\ud83d\\ude00"}]}}'
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  expect(parsedConfig(new TextDecoder('latin1').decode(bytes)).passwd.users).toHaveLength(1)
})

test.each([
  ['[0xe2, 0x82]', [0xe2, 0x82], '\ufffd\ufffd'],
  ['a surrogate in UTF-8', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
  ['an overlong slash', [0xc0, 0xaf], '\ufffd\ufffd'],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'],
  ['an emoji', [0xf0, 0x9f, 0x98, 0x80], '\u{1f600}'],
  ['an escaped half before a wrong byte', [0x5c, 0x75, 0x64, 0x38, 0x33, 0x64, 0x80], '\ufffd\ufffd'],
])('%s', async (_, bytes, expected) => {
  const { parseConfig } = await import('../../src/spec/parse.ts')
  const encoder = new TextEncoder()
  // The wrong byte in front keeps the whole document off the fast way.
  const outcome = parseConfig(
    Uint8Array.from([
      ...encoder.encode('{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"'),
      0xff,
      ...encoder.encode('","gecos":"'),
      ...bytes,
      ...encoder.encode('"}]}}'),
    ]),
  )
  expect(outcome).toMatchObject({ config: { passwd: { users: [{ name: '\ufffd', gecos: expected }] } } })
})

test('deep nesting fails at its limit and costs no stack', () => {
  const nested = (depth: number) =>
    `{"ignition":{"version":"3.4.0"},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(parseText(nested(9999))).toMatchObject({ kind: 'config', report: [{ rule: 'UNUSED' }] })
  expect(reportOf(nested(10_000))).toMatchObject([
    { rule: 'JSON-SYNTAX', position: { line: 1, column: 10_037 } },
  ])
  expect(reportOf('['.repeat(1_000_000))).toMatchObject([{ rule: 'JSON-SYNTAX' }])
})

test('a syntax error beats a type error before it, and the version stub beats both', () => {
  expect(reportOf('{"ignition":{"version":3},,}')).toMatchObject([{ rule: 'JSON-SYNTAX' }])
  expect(reportOf('{"storage":1,"ignition":{"version":3}}')).toMatchObject([
    { rule: 'JSON-TYPE', position: { line: 1, column: 37 } },
  ])
})

test('the first wrong type is reported, also one that a repeated key hides', () => {
  const text =
    '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":1}],"files":[{"path":"/a"}],"disks":1}}'
  expect(reportOf(text)).toMatchObject([{ rule: 'JSON-TYPE', position: { line: 1, column: 62 } }])
})

test.each(['420.0', '1e2', '"420"', '9223372036854775808', '-9223372036854775809', 'true', '{}', '[]'])(
  'a mode of %s has the wrong type',
  (mode) => {
    const text = `{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a","mode":${mode}}]}}`
    expect(reportOf(text)).toMatchObject([{ rule: 'JSON-TYPE' }])
  },
)

test('columns count bytes, lines end at the line feed', () => {
  const text = '{"ignition":{"version":"3.4.0"},\r\n"é\u{1f600}":0,"x":1}'
  expect(reportOf(text).map(({ position }) => position)).toEqual([
    { line: 2, column: 1 },
    { line: 2, column: 12 },
  ])
})

test('the end of a cut-off file has a place', () => {
  expect(reportOf('{\n "ignition"')).toMatchObject([
    { rule: 'JSON-SYNTAX', position: { line: 2, column: 12 } },
  ])
})

test('a byte order mark is not skipped', () => {
  expect(reportOf('\ufeff{}')).toMatchObject([{ rule: 'JSON-SYNTAX', position: { line: 1, column: 2 } }])
})

test('before 3.3.0 an absent custom object differs from an empty one', () => {
  const luks = (clevis: string) =>
    withStorage(`"luks":[{"name":"a","device":"/a","clevis":${clevis}}]`, '3.2.0').luks[0]
  expect(luks('{"tpm2":true}')?.clevis.custom.pin).toBe(undefined)
  expect(luks('{"tpm2":true,"custom":null}')?.clevis.custom.pin).toBe(undefined)
  expect(luks('{"custom":{}}')?.clevis.custom).toMatchObject({ pin: '', config: new Secret('') })
  expect(luks('null')?.clevis.custom.pin).toBe(undefined)
  expect(
    parseText(
      '{"ignition":{"version":"3.2.0"},"storage":{"luks":[{"name":"a","device":"/a","clevis":null}]}}',
    ),
  ).toMatchObject({
    report: [],
  })
})

test('behind a line feed that may not stand there the next line begins', () => {
  expect(reportOf('{"a\nb":1}')).toMatchObject([{ rule: 'JSON-SYNTAX', position: { line: 2, column: 1 } }])
})

test.each([
  [
    '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a"},{"path":"/b","mode":"0644"}]}}',
    '$.storage.files.1.mode is a string, but a whole number of 64 bits (octal 0644 is written 420) is needed',
  ],
  [
    '{"ignition":{"version":"3.4.0"},"Systemd":{"units":{}}}',
    '$.Systemd.units is an object, but a list is needed',
  ],
  [
    '{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"u","groups":["a",true]}]}}',
    '$.passwd.users.0.groups.1 is a boolean, but a string is needed',
  ],
  ['[]', '$ is a list, but an object is needed'],
])('%s: the message names the field', (text, message) => {
  expect(reportOf(text)).toMatchObject([{ rule: 'JSON-TYPE', path: [], message }])
})

test('a number of a million digits is refused at once', () => {
  const digits = '9'.repeat(1_000_000)
  expect(
    reportOf(`{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"u","uid":${digits}}]}}`),
  ).toMatchObject([{ rule: 'JSON-TYPE' }])
  expect(parseText(`{"ignition":{"version":"${digits}.0.0"}}`)).toMatchObject({
    kind: 'version',
    reason: 'invalid',
  })
})
