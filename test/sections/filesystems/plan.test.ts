import { describe, expect, test } from 'vitest'
import type { Signature } from '../../../src/block/signatures.ts'
import { makerArguments } from '../../../src/sections/filesystems/mkfs.ts'
import { type FilesystemFacts, planFilesystems } from '../../../src/sections/filesystems/plan.ts'
import type { ConfigFilesystem } from '../../../src/spec/config.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'

const signature = (type: string, rest: Partial<Signature> = {}): Signature => ({
  type,
  usage: 'filesystem',
  uuid: '',
  label: '',
  ...rest,
})

function plan(filesystem: Sketch<ConfigFilesystem>, facts: Partial<FilesystemFacts> = {}) {
  const config = configOf({ storage: { filesystems: [{ device: '/dev/d', ...filesystem }] } })
  const known = { node: '/dev/sda1', signatures: [], use: undefined, isOurs: false, ...facts }
  return planFilesystems(config, new Map([['/dev/d', known]])).flatMap(({ makings }) => makings)
}

const uuid = '9c653e5b-d14f-4d2b-a3c2-4a8b7c2f0e11'

describe('makes nothing', () => {
  const cases: readonly (readonly [string, Sketch<ConfigFilesystem>, readonly Signature[]])[] = [
    ['no format', {}, []],
    ['virtiofs', { format: 'virtiofs' }, []],
    ['the right format', { format: 'ext4' }, [signature('ext4', { label: 'any', uuid })]],
    [
      'the right label and UUID',
      { format: 'ext4', label: 'l', uuid: uuid.toUpperCase() },
      [signature('ext4', { label: 'l', uuid })],
    ],
    [
      'a UUID of vfat without its dash',
      { format: 'vfat', uuid: '2e24ec82' },
      [signature('vfat', { uuid: '2E24-EC82' })],
    ],
    ['nothing wanted, nothing there', { format: 'none' }, []],
    ['the first of two marks', { format: 'ext4' }, [signature('ext4'), signature('zfs_member')]],
    [
      'a filesystem before a table',
      { format: 'vfat' },
      [signature('dos', { usage: 'partition-table' }), signature('vfat')],
    ],
  ]
  test.each(cases)('%s', (_case, filesystem, signatures) => {
    expect(plan(filesystem, { signatures })).toEqual([])
  })
})

describe('makes', () => {
  const cases: readonly (readonly [string, Sketch<ConfigFilesystem>, readonly Signature[]])[] = [
    ['on a blank device', { format: 'xfs' }, []],
    ['what is right, but is to be wiped', { format: 'xfs', wipeFilesystem: true }, [signature('xfs')]],
    ['what is other and is to be wiped', { format: 'swap', wipeFilesystem: true }, [signature('xfs')]],
    ['nothing out of something', { format: 'none', wipeFilesystem: true }, [signature('xfs')]],
  ]
  test.each(cases)('%s', (_case, filesystem, signatures) => {
    expect(plan(filesystem, { signatures })).toMatchObject([{ format: filesystem.format, node: '/dev/sda1' }])
  })
})

test('makes anew what an earlier run has not finished, though it may not be wiped', () => {
  const whole = [signature('ext4', { label: 'l' })]
  expect(plan({ format: 'ext4', label: 'l' }, { signatures: whole, isOurs: true })).toHaveLength(1)
  expect(plan({ format: 'xfs' }, { signatures: whole, isOurs: true })).toHaveLength(1)
})

describe('refuses', () => {
  const cases: readonly (readonly [Sketch<ConfigFilesystem>, Partial<FilesystemFacts>, RegExp])[] = [
    [
      { format: 'ext4', label: 'a' },
      { signatures: [signature('ext4', { label: 'b', uuid })] },
      /"\/dev\/d" .*\(found ext4, label "b", UUID 9c653e5b-.*, specified ext4, label "a"\).*wipeFilesystem/,
    ],
    [{ format: 'ext4', label: '' }, { signatures: [signature('ext4', { label: 'b' })] }, /found ext4/],
    [{ format: 'none' }, { signatures: [signature('ext4')] }, /specified none/],
    [
      { format: 'ext4' },
      { signatures: [signature('gpt', { usage: 'partition-table' })] },
      /found gpt.*wipeFilesystem/,
    ],
    [{ format: 'ext4', wipeFilesystem: true }, { use: 'mounted at "/x"' }, /"\/dev\/d": it is mounted at/],
    [{ format: 'zfs' }, {}, /unsupported filesystem format: "zfs"/],
  ]
  test.each(cases)('%j', (filesystem, facts, message) => {
    expect(() => plan(filesystem, facts)).toThrow(message)
  })

  test('one device by two names', () => {
    const filesystems = ['/dev/a', '/dev/b'].map((device) => ({ device, format: 'ext4' }))
    const facts = { node: '/dev/sda1', signatures: [], use: undefined, isOurs: false }
    expect(() =>
      planFilesystems(
        configOf({ storage: { filesystems } }),
        new Map(filesystems.map(({ device }) => [device, facts])),
      ),
    ).toThrow(/"\/dev\/a" and "\/dev\/b" of the config are the same device, "\/dev\/sda1"/)
  })
})

test.each([
  ['btrfs', uuid, ['-x', '--force', '-U', uuid, '-L', 'l', '/dev/a']],
  ['ext4', uuid, ['-x', '-F', '-U', uuid, '-L', 'l', '/dev/a']],
  ['xfs', uuid, ['-x', '-f', '-m', `uuid=${uuid}`, '-L', 'l', '/dev/a']],
  ['swap', uuid, ['-x', '-f', '-U', uuid, '-L', 'l', '/dev/a']],
  ['vfat', '2E24-EC82', ['-x', '-i', '2e24ec82', '-n', 'l', '/dev/a']],
] as const)('arguments for %s', (format, given, args) => {
  expect(makerArguments(format, { options: ['-x'], uuid: given, label: 'l' }, '/dev/a')).toEqual(args)
})
