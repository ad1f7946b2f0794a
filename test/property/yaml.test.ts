import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { configField } from '../../src/spec/config.ts'
import type { Field, ObjectField } from '../../src/spec/field.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { readConfig } from '../../src/spec/read-config.ts'
import { parseYaml } from '../../src/spec/yaml/parse.ts'
import { slotsAt, snakeOf } from '../../src/spec/yaml/shape.ts'
import { type Variant, variants } from '../../src/spec/yaml/variants.ts'
import { fullConfig } from '../spec/full-config.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const atBoot = { local: undefined, gzip: undefined }

/** Words that YAML likes to take for something else, and words that fields need. */
const word = fc.constantFrom(
  ...'a /a /b /var/c /dev/a x.service a.mount data:,x gzip ext4 swap raid1 yes no null ~ 0644 12:30 0x10 1e3'.split(
    ' ',
  ),
  ...'2020-01-01 x86_64 aarch64 root core web@1.container b.conf é # *a &a !a %a @a - ? : , [ { " \''.split(
    ' ',
  ),
  '',
  ' a ',
  'a\nb\n',
  'a: b',
  '[Unit]\nA=b\n',
)

/** Values of any shape that the tables allow in a version of a variant, right or wrong by the rules. */
function anyOf(field: Field, place: string, variant: Variant): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'object':
      return anyObject(field, place, variant)
    case 'list':
      return fc.array(anyOf(field.item, place, variant), { maxLength: 2 })
    case 'string':
    case 'secret':
      return word
    case 'integer':
      return fc.integer({ min: 0, max: 5000 })
    case 'boolean':
      return fc.boolean()
  }
}

function anyObject(field: ObjectField, place: string, variant: Variant): fc.Arbitrary<unknown> {
  const members = [...slotsAt(variant, place, field)].map(
    ([key, slot]) =>
      [key, anyOf(slot.field, place === '' ? slot.name : `${place}.${slot.name}`, variant)] as const,
  )
  return fc.record(Object.fromEntries(members), { requiredKeys: [] })
}

const document = (variant: Variant): fc.Arbitrary<string> =>
  anyObject(configField, '', variant).map((value) =>
    stringify({ variant: variant.name, version: variant.version, ...(value as object) }),
  )

describe.each(variants)('$name $version', (variant) => {
  test('any config has an outcome, with a place for every entry', () => {
    fc.assert(
      fc.property(document(variant), (text) => {
        const outcome = parseYaml(bytesOf(text), atBoot)
        if (outcome.kind !== 'config' && outcome.kind !== 'invalid') throw new Error(outcome.kind)
        for (const { position, rule } of outcome.report) {
          expect(rule).not.toBe('UNUSED')
          expect(position?.line).toBeLessThanOrEqual(text.split('\n').length)
        }
      }),
      { numRuns: 60 },
    )
  })
})

const name = fc.stringMatching(/^[a-z][a-z0-9%@é -]{0,8}[a-z]$/)
const contents = fc.oneof(
  fc.record({ inline: fc.string({ unit: 'binary' }) }),
  fc.constant({ source: 'data:,x' }),
)
const unique = <T extends object>(item: fc.Arbitrary<T>, key: (value: T) => unknown) =>
  fc.uniqueArray(item, { selector: key, maxLength: 4 })

const file = fc.record(
  { path: name.map((text) => `/etc/${text}`), mode: fc.integer({ min: 0, max: 0o777 }), contents },
  { requiredKeys: ['path'] },
)
const filesystem = fc.record({
  device: name.map((text) => `/dev/${text}`),
  path: name.map((text) => `/var/${text}`),
  format: fc.constantFrom('ext4', 'xfs', 'vfat', 'swap'),
  mount_options: fc.array(fc.constantFrom('noatime', 'nodev')),
  with_mount_unit: fc.boolean(),
})
const tpm2 = fc.record({ luks: fc.constant({ tpm2: true }) })
const mirror = fc.record({
  layout: fc.constantFrom('x86_64', 'aarch64', 'ppc64le'),
  mirror: fc.record({
    devices: fc
      .uniqueArray(name, { maxLength: 3 })
      .map((names) => ['/dev/a0', ...names.map((text) => `/dev/${text}`)]),
  }),
})

/** Configs that make use of the sugar and are right. */
const rightDocument = fc.record({
  storage: fc.record({
    files: unique(file, ({ path }) => path),
    filesystems: unique(filesystem, ({ device }) => device).map((list) =>
      list.filter(({ path }, index) => list.findIndex((other) => other.path === path) === index),
    ),
  }),
  boot_device: fc.oneof(fc.constant({}), tpm2, mirror),
  grub: fc.record({
    users: unique(
      fc.record({ name: fc.constantFrom('a', 'b', 'c'), password_hash: fc.constant('grub.pbkdf2.x') }),
      (user) => user.name,
    ),
  }),
})

describe('configs that are right', () => {
  test('stand for configs that are right, and contents come back', () => {
    fc.assert(
      fc.property(rightDocument, (value) => {
        const devices =
          'mirror' in value.boot_device ? value.boot_device.mirror.devices : ['/dev/a', '/dev/b']
        const text = stringify({ variant: 'fcos', version: '1.6.0', ...value })
        const outcome = parseYaml(bytesOf(text), atBoot)
        if (devices.length < 2) {
          expect('report' in outcome && outcome.report.map(({ rule }) => rule)).toContain('BU-BOOT-DEVICE')
          return
        }
        if (outcome.kind !== 'config') throw new Error(JSON.stringify(outcome))
        expect(parseConfig(bytesOf(outcome.json ?? ''))).toMatchObject({
          kind: 'config',
          config: outcome.config,
        })
        for (const { path, contents: wanted } of value.storage.files) {
          const found = outcome.config.storage.files.find((one) => one.path === path)
          if (wanted === undefined || !('inline' in wanted)) continue
          expect(textOf(found?.contents.source?.reveal())).toBe(wanted.inline)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function textOf(source = ''): string {
  const [head = '', data = ''] = source.split(/,(.*)/s)
  return head.endsWith(';base64')
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.fromBase64(data))
    : decodeURIComponent(data)
}

/** A config of the spec in the keys of YAML. */
function snaked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snaked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [snakeOf(name), snaked(member)]))
}

const fcos = variants.filter(({ name }) => name === 'fcos')

test.each(fcos)(
  'all fields of $spec mean the same in fcos $version as in JSON',
  async ({ spec, version }) => {
    const json = fullConfig(spec) as { ignition: Record<string, unknown> }
    const { version: _, ...ignition } = json.ignition
    const yaml = stringify(snaked({ ...json, ignition, variant: 'fcos', version }))
    const [fromJson, fromYaml] = [parseConfig(bytesOf(JSON.stringify(json))), await readConfig(bytesOf(yaml))]
    expect(fromYaml.kind).toBe('config')
    expect('config' in fromYaml && fromYaml.config).toEqual('config' in fromJson && fromJson.config)
  },
)

test('any text with a variant has an outcome', () => {
  const letter = fc.constantFrom(...'ab: -\n  #[]{}&*!|>\'"%@,?0~<\t\r\ufeff\u0085é\\'.split(''))
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 40 }), (text) => {
      const outcome = parseYaml(bytesOf(`variant: fcos\nversion: 1.5.0\nstorage: ${text}`), atBoot)
      expect(['config', 'invalid']).toContain(outcome.kind)
    }),
    { numRuns: 3000 },
  )
})
