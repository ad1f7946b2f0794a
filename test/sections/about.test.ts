import { describe, expect, test } from 'vitest'
import type { AnySection } from '../../src/run-sections.ts'
import { loadSections } from '../../src/sections/table.ts'
import { stageNames, stages } from '../../src/stages.ts'
import { configOf } from '../helpers/config-of.ts'

const config = configOf({
  kernelArguments: { shouldExist: ['quiet'] },
  passwd: { groups: [{ name: 'wheel' }], users: [{ name: 'core' }, { name: 'other' }] },
  storage: {
    disks: [{ device: '/dev/x' }, { device: '/dev/y' }],
    raid: [{ name: 'r', level: 'raid1', devices: ['/dev/x1', '/dev/y1'] }],
    luks: [{ name: 'data', device: '/dev/md/r' }],
    filesystems: [
      { device: '/dev/x2', format: 'ext4', path: '/var//' },
      { device: '/dev/mapper/data', format: 'xfs', path: '/data' },
    ],
    directories: [{ path: '/d' }],
    files: [{ path: '/a' }, { path: '/b' }],
    links: [{ path: '/l', target: '/a' }],
  },
  systemd: { units: [{ name: 'a.service' }, { name: 'b@1.service' }, { name: 'b@2.service' }] },
})
const { storage } = config

/** Section, what one of its steps has, and the part of the config that it stands for. */
const cases: readonly (readonly [string, object, string | undefined])[] = [
  ['kernel-arguments', { args: [] }, 'kernelArguments'],
  ['disks', { device: '/dev/y' }, 'storage.disks.1.device'],
  ['raid', { array: storage.raid[0] }, 'storage.raid.0'],
  ['luks', { volume: storage.luks[0] }, 'storage.luks.0'],
  ['filesystems', { makings: [{ filesystem: storage.filesystems[1] }] }, 'storage.filesystems.1'],
  ['filesystems', { makings: storage.filesystems.map((filesystem) => ({ filesystem })) }, undefined],
  ['mounts', { path: '/var' }, 'storage.filesystems.0'],
  ['unmounts', { path: '/data' }, 'storage.filesystems.1'],
  ['passwd', { kind: 'account', what: 'group', name: 'wheel' }, 'passwd.groups.0'],
  ['passwd', { kind: 'account', what: 'user', name: 'other' }, 'passwd.users.1'],
  ['passwd', { kind: 'ownHome', user: 'core' }, 'passwd.users.0'],
  ['passwd', { kind: 'writeKeys', user: 'core' }, 'passwd.users.0.sshAuthorizedKeys'],
  ['files', { entry: { kind: 'file', node: storage.files[1] } }, 'storage.files.1'],
  ['files', { entry: { kind: 'symlink', node: storage.links[0] } }, 'storage.links.0'],
  ['files', { entry: { kind: 'directory', node: storage.directories[0] } }, 'storage.directories.0'],
  ['units', { kind: 'unit', name: 'a.service' }, 'systemd.units.0'],
  ['units', { kind: 'enable', unit: 'b@.service', line: '' }, 'systemd.units.1.enabled'],
  ['units', { kind: 'disable', unit: 'b@2.service', line: '' }, 'systemd.units.2.enabled'],
  ['luks-keys', { kind: 'writeKey', volume: 'data' }, 'storage.luks.0'],
  ['luks-keys', { kind: 'addLine', line: 'data UUID=x none luks' }, 'storage.luks.0'],
  ['luks-keys', { kind: 'writeVolumeKey', file: 'data.zkey' }, undefined],
]

const sections = async (): Promise<ReadonlyMap<string, AnySection>> => {
  const loaded = await loadSections(stageNames.flatMap((stage) => stages[stage].sections))
  return new Map(loaded.map((section) => [section.name, section]))
}

test.each(cases)('a step of %s stands for a part of the config: %j', async (name, step, expected) => {
  const section = (await sections()).get(name)
  expect(section?.about?.(step, config)?.join('.')).toBe(expected)
})

describe('a section without a case', () => {
  // what comes from the platform, and what Firstlight adds of its own
  const ofNobody = ['provider-files', 'result', 'host-report', 'trace', 'relabel', 'accounts', 'completion']

  test('stands for nothing that anybody wrote', async () => {
    const covered = new Set(cases.map(([name]) => name))
    const others = [...(await sections()).values()].filter(({ name }) => !covered.has(name))
    expect(others.map(({ name }) => name).toSorted()).toEqual(ofNobody.toSorted())
    expect(others.filter((section) => section.about !== undefined)).toEqual([])
  })
})
