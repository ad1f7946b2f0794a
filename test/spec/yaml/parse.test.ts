import { expect, test } from 'vitest'
import { formatPath } from '../../../src/spec/report.ts'
import { parseYaml } from '../../../src/spec/yaml/parse.ts'

const parse = (text: string | Uint8Array) =>
  parseYaml(typeof text === 'string' ? new TextEncoder().encode(text) : text, {
    local: undefined,
    gzip: undefined,
  })

/** Entries as `rule path line:column hint`. */
function linesOf(text: string | Uint8Array): readonly string[] {
  const outcome = parse(text)
  if (!('report' in outcome)) throw new Error(outcome.kind)
  return outcome.report.map(({ rule, path, position, hint }) =>
    `${rule} ${formatPath(path)} ${position?.line}:${position?.column} ${hint ?? ''}`.trim(),
  )
}

const fcos = (text: string, version = '1.6.0') => `variant: fcos\nversion: ${version}\n${text}`

test('what Ignition finds is said in the keys and at the lines of the YAML text', () => {
  const text = fcos(`storage:
  files:
    - path: é/motd
      contents: {source: "data:,x", compression: zip}
  luks:
    - name: a/b
      device: /dev/vdb
      key_file: {source: "zzz:"}
  links:
    - path: /l
systemd:
  units:
    - name: a.service
      contents: |
        [Service
`)
  expect(linesOf(text)).toEqual([
    'PATH-RELATIVE $.storage.files.0.path 5:13',
    'COMPRESSION $.storage.files.0.contents.compression 6:50',
    'LUKS-NAME-SLASH $.storage.luks.0.name 8:13',
    'URL-SCHEME $.storage.luks.0.key_file.source 10:26',
    'LINK-TARGET $.storage.links.0.target 12:7',
    'UNIT-SECTION-END $.systemd.units.0.contents 16:17',
  ])
})

test('columns count bytes, as they do for JSON', () => {
  expect(linesOf(fcos('storage: {files: [{path: /é, mode: x}]}'))).toEqual([
    'YAML-TYPE $.storage.files.0.mode 3:37',
  ])
})

test('what is wrong with sugar is said where the sugar is', () => {
  const text = fcos(`storage:
  disks:
    - device: /dev/vda
      wipe_table: true
      partitions: [{label: root-1, size_mib: 9000}, {label: "a:b"}]
  filesystems:
    - device: dev/vdb
      path: /var
      format: ext4
      with_mount_unit: true
boot_device:
  layout: x86_64
  mirror: {devices: [/dev/vda, dev/vdb]}
`)
  expect(linesOf(text)).toEqual([
    'PART-LABEL-COLON $.storage.disks.0.partitions.1.label 7:61',
    'PATH-RELATIVE $.storage.filesystems.0.device 9:15',
    'PATH-RELATIVE $.boot_device.mirror.devices.1 15:32',
  ])
})

test('a key that is not known comes with what was meant, or when it came', () => {
  const text = fcos(
    `storage:
  file: []
  files: [{path: /a, contnts: {}}]
grub: {}
systemd: {quadlets: []}
zzz: 1`,
    '1.4.0',
  )
  expect(linesOf(text)).toEqual([
    'UNUSED $.storage.file 4:3 did you mean "files"?',
    'UNUSED $.storage.files.0.contnts 5:22 did you mean "contents"?',
    'UNUSED $.grub 6:1 "grub" exists since fcos 1.5.0',
    'UNUSED $.systemd.quadlets 7:11 "quadlets" exists since fcos 1.8.0-experimental',
    'UNUSED $.zzz 8:1',
  ])
})

test('one mistake is one entry', () => {
  expect(linesOf(fcos('storage: {files: [{path: /a, mode: 644}]}', '1.5.0'))).toEqual([
    'BU-MODE-DECIMAL $.storage.files.0.mode 3:36',
  ])
  expect(
    linesOf(fcos('storage: {files: [{path: /a, contents: {verification: {hash: sha512-00}}}]}')),
  ).toEqual(['HASH-NO-SOURCE $.storage.files.0.contents.verification.hash 3:62'])
  const filesystem = 'storage: {filesystems: [{device: /dev/a, label: b}]}'
  expect(linesOf(fcos(filesystem))).toEqual(['FS-FORMAT-NEEDED $.storage.filesystems.0.format 3:25'])
})

test('values never show up in a report', () => {
  const outcome = parse(fcos('passwd: {users: [{name: a, password_hash: [secret], uid: secret}]}\nsecret'))
  expect(JSON.stringify(outcome)).not.toContain('secret')
})

test.each([
  ['a list', '- a', 'YAML-TYPE $ 1:1'],
  ['no version', 'variant: fcos', 'BU-VERSION $.version 1:1'],
  ['a version that is a number', 'variant: fcos\nversion: 1.5', 'BU-VERSION $.version 2:10'],
  ['the old rhcos', 'variant: rhcos\nversion: 0.1.0', 'BU-VARIANT $.variant 1:10'],
  ['a byte that is not UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff), 'YAML-SYNTAX $ 1:4'],
])('%s is told where it stands', (_, text, line) => {
  expect(linesOf(text)).toEqual([line])
})

test('aliases cannot make a small text a large config', () => {
  const text = fcos(
    `x: &a {path: /a, contents: {inline: ${'a'.repeat(100_000)}}}\nstorage: {files: [${'*a,'.repeat(2000)}]}`,
  )
  expect(linesOf(text)).toContainEqual(expect.stringMatching(/^YAML-LIMIT/))
})

test('an alias is reported where its value stands', () => {
  const text = fcos('storage:\n  files:\n    - &a {path: /a, mode: x}\n    - *a\n')
  expect(linesOf(text)).toEqual([
    'YAML-TYPE $.storage.files.0.mode 5:27',
    'YAML-TYPE $.storage.files.1.mode 5:27',
  ])
})

test('what no unit file can hold is refused, and percent signs stay', () => {
  const filesystem = (device: string) =>
    fcos(`storage: {filesystems: [{device: ${device}, path: /var, format: xfs, with_mount_unit: true}]}`)
  expect(linesOf(filesystem('"/dev/a\\n[Service]"'))).toEqual([
    'BU-MOUNT $.storage.filesystems.0.device 3:34',
  ])
  expect(parse(filesystem('/dev/a%20b')).json).toContain('What=/dev/a%%20b\\n')
})

test('names of JavaScript’s own are names like any others', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
  for (const name of names) {
    expect(linesOf(fcos(`${name}: {}\nstorage: {${name}: 1}`))).toHaveLength(2)
    const disk = `storage: {disks: [{device: /dev/a, partitions: [{label: ${name}, number: 1}]}]}`
    expect(linesOf(fcos(disk))).toEqual([])
    expect(linesOf(fcos(`boot_device: {layout: ${name}}`))).toEqual([
      'BU-BOOT-DEVICE $.boot_device.layout 3:23',
    ])
    expect(linesOf(`variant: ${name}\nversion: ${name}\n`)).toEqual(['BU-VARIANT $.variant 1:10'])
  }
})
