import { expect, test } from 'vitest'
import { configField } from '../../../src/spec/config.ts'
import type { ObjectField } from '../../../src/spec/field.ts'
import { versions } from '../../../src/spec/versions.ts'
import { parseYaml } from '../../../src/spec/yaml/parse.ts'
import { slotsAt, snakeOf } from '../../../src/spec/yaml/shape.ts'
import { variants } from '../../../src/spec/yaml/variants.ts'

const metadata = 'metadata: {name: n, labels: {machineconfiguration.openshift.io/role: worker}}\n'

const parse = (text: string) =>
  parseYaml(new TextEncoder().encode(text), { local: undefined, gzip: undefined })

const headerOf = ({ name, version }: (typeof variants)[number]) =>
  `variant: ${name}\nversion: ${version}\n${name === 'openshift' ? metadata : ''}`

test.each(variants)('$name $version stands for $spec', (variant) => {
  const outcome = parse(headerOf(variant))
  expect(outcome).toMatchObject({ kind: 'config', report: [] })
  expect(JSON.parse(outcome.json ?? '')).toEqual({ ignition: { version: variant.spec } })
})

test('every version of the spec can be written in YAML', () => {
  expect(new Set(variants.map(({ spec }) => spec))).toEqual(new Set(versions))
})

/** First version of each variant that has the sugar; '' when none has. */
const sugar: readonly [text: string, firsts: Readonly<Record<string, string>>][] = [
  [
    'storage: {files: [{path: /a, contents: {inline: a}}]}',
    { fcos: '1.0.0', flatcar: '1.0.0', openshift: '4.8.0', r4e: '1.0.0', fiot: '1.0.0' },
  ],
  [
    'ignition: {config: {merge: [{inline: a}]}}',
    { fcos: '1.1.0', flatcar: '1.0.0', openshift: '4.8.0', r4e: '1.0.0', fiot: '1.0.0' },
  ],
  [
    'storage: {filesystems: [{with_mount_unit: false}]}',
    { fcos: '1.1.0', flatcar: '1.0.0', openshift: '4.8.0', r4e: '1.0.0', fiot: '1.0.0' },
  ],
  [
    'storage: {trees: []}',
    { fcos: '1.1.0', flatcar: '1.0.0', openshift: '4.8.0', r4e: '1.0.0', fiot: '1.0.0' },
  ],
  ['boot_device: {}', { fcos: '1.3.0', openshift: '4.8.0' }],
  ['boot_device: {luks: {discard: true}}', { fcos: '1.5.0', openshift: '4.14.0' }],
  ['boot_device: {luks: {cex: {}}}', { fcos: '1.6.0', openshift: '4.19.0' }],
  ['grub: {}', { fcos: '1.5.0', openshift: '4.14.0' }],
  [
    'passwd: {users: [{name: core, ssh_authorized_keys_local: []}]}',
    { fcos: '1.5.0', flatcar: '1.1.0', openshift: '4.14.0', r4e: '1.1.0', fiot: '1.0.0' },
  ],
  [
    'systemd: {units: [{name: a.service, contents_local: ""}]}',
    { fcos: '1.5.0', flatcar: '1.1.0', openshift: '4.14.0', r4e: '1.1.0', fiot: '1.0.0' },
  ],
  [
    'storage: {trees: [{file_mode: 0600}]}',
    {
      fcos: '1.7.0',
      flatcar: '1.2.0-experimental',
      openshift: '4.23.0-experimental',
      r4e: '1.2.0-experimental',
      fiot: '1.1.0-experimental',
    },
  ],
  [
    'systemd: {quadlets: []}',
    {
      fcos: '1.8.0-experimental',
      flatcar: '1.2.0-experimental',
      openshift: '4.23.0-experimental',
      r4e: '1.2.0-experimental',
      fiot: '1.1.0-experimental',
    },
  ],
  ['openshift: {}', { openshift: '4.8.0' }],
]

test.each(sugar)('%s', (text, firsts) => {
  const hasKey = (variant: (typeof variants)[number]) => {
    const outcome = parse(`${headerOf(variant)}${text}\n`)
    if (!('report' in outcome)) throw new Error(outcome.kind)
    return !outcome.report.some(({ rule }) => rule === 'UNUSED')
  }
  for (const name of new Set(variants.map((variant) => variant.name)))
    expect([name, variants.find((variant) => variant.name === name && hasKey(variant))?.version]).toEqual([
      name,
      firsts[name],
    ])
})

test('every field of the spec has a key of its own in the newest version', () => {
  const newest = variants.find(({ version }) => version === '1.8.0-experimental')
  if (newest === undefined) throw new Error('no newest version')
  const visit = (object: ObjectField, place: string): void => {
    const slots = slotsAt(newest, place, object)
    for (const [name, field] of Object.entries(object.fields)) {
      if (place === 'ignition' && name === 'version') continue
      expect(slots.get(snakeOf(name))).toEqual({ name, field })
      const inner = field.kind === 'list' ? field.item : field
      if (inner.kind === 'object') visit(inner, place === '' ? name : `${place}.${name}`)
    }
  }
  visit(configField, '')
})

test.each([
  ['sizeMiB', 'size_mib'],
  ['typeGuid', 'type_guid'],
  ['httpResponseHeaders', 'http_response_headers'],
  ['sshAuthorizedKeys', 'ssh_authorized_keys'],
  ['tpm2', 'tpm2'],
])('%s is %s in YAML', (name, key) => {
  expect(snakeOf(name)).toBe(key)
})
