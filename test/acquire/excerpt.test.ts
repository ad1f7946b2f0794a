import { describe, expect, test } from 'vitest'
import { excerptOf, lineOf } from '../../src/acquire/excerpt.ts'
import { showPlace } from '../../src/acquire/in-text.ts'
import type { Config } from '../../src/spec/config.ts'
import { deserializeConfig } from '../../src/spec/deserialize.ts'
import type { ConfigPath } from '../../src/spec/report.ts'
import { snakeOf } from '../../src/spec/yaml/shape.ts'
import { secretFields, secretTexts } from '../helpers/secret-fields.ts'
import { jsonText, sourcedFrom } from '../helpers/sourced.ts'

const secret = 'correct-horse'

const config = {
  passwd: { users: [{ name: 'core', passwordHash: secret, sshAuthorizedKeys: [secret], groups: ['wheel'] }] },
  storage: {
    files: [
      { path: '/a', mode: 384, contents: { source: `data:,${secret}` } },
      {
        path: '/b',
        contents: {
          source: `https://user:${secret}@example.com/b?token=${secret}`,
          httpHeaders: [{ name: 'Authorization', value: secret }],
        },
      },
    ],
    luks: [
      {
        name: 'data',
        device: '/dev/x',
        keyFile: { source: `data:,${secret}` },
        clevis: { custom: { pin: 'sss', config: secret } },
      },
    ],
  },
  systemd: { units: [{ name: 'x.service', contents: `[Unit]\nDescription=${secret}\n` }] },
}

const shown = async (path: ConfigPath, text = jsonText(config)) =>
  showPlace(await sourcedFrom('x', text), path)?.text

test.each([
  [['storage', 'files', 0], '"path": "/a"'],
  [['storage', 'files', 0, 'mode'], '"mode": 384'],
  [['storage', 'files', 1, 'contents', 'source'], '"source": "https://example.com/b?token=***"'],
  [['passwd', 'users', 0, 'groups', 0], '"wheel"'],
  [['storage', 'luks', 0, 'device'], '"device": "/dev/x"'],
])('what is no secret is shown: %j', async (path, expected) => {
  expect(await shown(path)).toBe(expected)
})

/** Every path of a value. */
function pathsOf(value: unknown, path: ConfigPath = []): ConfigPath[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, [...path, Array.isArray(value) ? Number(name) : name]),
  )
  return [path, ...inner]
}

test.each(pathsOf(config).map((path) => [path]))('no secret is shown for %j', async (path) => {
  expect(String(await shown(path))).not.toContain(secret)
})

const yaml = `variant: fcos
version: 1.5.0
passwd:
  users:
    - {name: core, password_hash: ${secret}}
storage:
  files:
    - path: /a # ${secret}
      contents: {inline: ${secret}}
  disks:
    - device: "/dev/x y"
      partitions: [{label: one, type_guid: 01234567-89AB-CDEF-0123-456789ABCDEF}]
`

test.each([
  [['storage', 'files', 0], 'path: /a'],
  [['storage', 'disks', 0, 'partitions', 0, 'typeGuid'], 'type_guid: 01234567-89AB-CDEF-0123-456789ABCDEF'],
  [['storage', 'files', 0, 'contents', 'source'], undefined],
  [['passwd', 'users', 0, 'passwordHash'], undefined],
  [['passwd', 'users', 0, 'name'], 'name: core'],
])('YAML is shown as YAML: %j', async (path, expected) => {
  expect(await shown(path, yaml)).toBe(expected)
})

describe('a line of a config that is not right', () => {
  const line = (text: string, member: string) =>
    lineOf(new TextEncoder().encode(text), {
      source: 'x',
      path: ['a', member],
      position: { line: 2, column: 1 },
    })

  test.each([
    ['{\n  "path": "etc/motd",\n}', 'path', '"path": "etc/motd"'],
    ['a:\n    - path: etc/motd # a word\n', 'path', 'path: etc/motd'],
    ["a:\n  level: 'raid9'", 'level', "level: 'raid9'"],
  ])('is shown: %j', (text, member, expected) => {
    expect(line(text, member)).toBe(expected)
  })

  test.each([
    ['a secret member', `{\n"passwordHash": "${secret}"\n}`, 'passwordHash'],
    ['another member beside it', `\n"path": "x", "passwordHash": "${secret}"`, 'path'],
    ['another one in YAML', `\n- {path: x, password_hash: ${secret}}`, 'path'],
    ['another one in YAML, without braces', `\npath: x, password_hash: ${secret},`, 'path'],
    ['a value of the wrong kind', `\npath: [${secret}]`, 'path'],
    ['the end of a value in quotes', `\npath: "x" ${secret}"`, 'path'],
    ['contents in the URL', `\nsource: data:,${secret}`, 'source'],
    ['a password in the URL', `\nsource: http://u:${secret}@h/`, 'source'],
    ['a token in the URL', `\nsource: http://h/?t=${secret}`, 'source'],
    ['a text of several lines', `\npath: |\n  ${secret}`, 'path'],
    ['a line that is not there', '', 'path'],
  ])('is not shown with %s', (_, text, member) => {
    expect(line(text, member)).toBeUndefined()
  })
})

describe.each(secretFields)('of the secret $path', (field) => {
  const path = field.path
    .split('.')
    .flatMap((name) => (name.endsWith('[]') ? [name.slice(0, -2), 0] : [name]))

  test.each(['json', 'yaml'] as const)('nothing is shown that is one, in %s', (format) => {
    const names = path.map((step) => (format === 'yaml' && typeof step === 'string' ? snakeOf(step) : step))
    const place = { path: names, position: { line: 1, column: 1 }, source: 'x', format }
    for (const text of secretTexts(field, secret)) {
      const said = excerptOf(configWith(path, text), path, place)
      expect(String(said)).not.toContain(secret)
      if (field.name === 'source' && text.startsWith('https:'))
        expect(said).toContain('https://h/a?token=***')
      const line = `${names.at(-1)}: ${JSON.stringify(text)}`
      expect(String(lineOf(new TextEncoder().encode(line), place))).not.toContain(secret)
    }
  })
})

/** A config with one member, unchecked. */
function configWith(path: ConfigPath, text: string): Config {
  const plain = path.reduceRight<unknown>(
    (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
    text,
  )
  return deserializeConfig(JSON.stringify(plain))
}
