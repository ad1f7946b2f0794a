import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { disks } from '../../src/sections/disks/index.ts'
import { filesystems } from '../../src/sections/filesystems/index.ts'
import { createMounts } from '../../src/sections/mounts/index.ts'
import { unmounts } from '../../src/sections/unmounts/index.ts'
import type { Config } from '../../src/spec/config.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { failure } from './failure.ts'
import { loopDisk, sh } from './loop.ts'
import { provision } from './provision.ts'

type Storage = Sketch<Config['storage']>

const make = (storage: Storage) => provision([filesystems], storage)

const changes = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.filter((command) => /^"(mkfs|mkswap|wipefs" "-a|mount)/.test(command))

const probe = (device: string, tag: string) => sh('blkid', '-p', '-o', 'value', '-s', tag, device)

const formats = [
  { format: 'ext4', uuid: '9C653E5B-D14F-4D2B-A3C2-4A8B7C2F0E11', sizeMiB: 16 },
  { format: 'xfs', uuid: '4b2a6e52-7a0c-4b7f-9d0e-5b1f0a2c3d44', sizeMiB: 320 },
  { format: 'btrfs', uuid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', sizeMiB: 128 },
  { format: 'vfat', uuid: '2E24-EC82', sizeMiB: 16 },
  { format: 'swap', uuid: '5d3c1b2a-0000-4000-8000-00000000abcd', sizeMiB: 16 },
] as const

void test('every format with label and UUID, side by side; again does nothing', async () => {
  const entries = formats.map(({ format, uuid, sizeMiB }) => ({
    device: loopDisk({ sizeMiB }),
    format,
    uuid,
    label: `L${format}`,
  }))
  await make({ filesystems: entries })
  for (const { device, format, uuid, label } of entries) {
    assert.equal(probe(device, 'TYPE'), format)
    assert.equal(probe(device, 'LABEL'), label)
    assert.equal(probe(device, 'UUID').toLowerCase(), uuid.toLowerCase())
    assert.ok(existsSync(`/dev/disk/by-label/${label}`), label)
  }
  assert.deepEqual(changes(await make({ filesystems: entries })), [])
})

void test('keeps, refuses and wipes what is there', async () => {
  const device = loopDisk()
  sh('mkfs.ext4', '-q', '-L', 'old', device)
  const uuid = probe(device, 'UUID')
  assert.deepEqual(changes(await make({ filesystems: [{ device, format: 'ext4' }] })), [])
  assert.match(
    await failure(make({ filesystems: [{ device, format: 'vfat' }] })),
    /^FL_DEVICE_OCCUPIED: .*found ext4, label "old", UUID .*, specified vfat.*set wipeFilesystem/,
  )
  assert.match(
    await failure(make({ filesystems: [{ device, format: 'none' }] })),
    /^FL_DEVICE_OCCUPIED: .*specified none/,
  )
  await make({ filesystems: [{ device, format: 'ext4', label: 'new', wipeFilesystem: true }] })
  assert.notEqual(probe(device, 'UUID'), uuid)
  await make({ filesystems: [{ device, format: 'none', wipeFilesystem: true }] })
  assert.equal(sh('wipefs', device), '')
  assert.deepEqual(changes(await make({ filesystems: [{ device, format: 'none' }] })), [])
})

void test('a device with two marks is taken for the first of them, with a warning', async () => {
  const device = loopDisk({ sizeMiB: 128 })
  const superblock = ['bs=4096', 'count=1', 'conv=notrunc,fsync']
  sh('mkfs.btrfs', '-q', device)
  sh('dd', `if=${device}`, 'of=/tmp/superblock', 'skip=16', ...superblock)
  sh('mkfs.ext4', '-q', '-F', device)
  sh('dd', 'if=/tmp/superblock', `of=${device}`, 'seek=16', ...superblock)
  const types = JSON.parse(sh('wipefs', '-J', device)).signatures.map(({ type }: { type: string }) => type)
  assert.equal(types.length, 2)
  const { messages } = await make({ filesystems: [{ device, format: types[0] }] })
  assert.equal(messages.filter(({ level }) => level === 'warning').length, 1)
})

void test('a program that is missing is named before anything is wiped', async () => {
  const [first, second] = [loopDisk(), loopDisk({ sizeMiB: 320 })]
  const entries = [
    { device: first, format: 'ext4' },
    { device: second, format: 'xfs' },
  ]
  sh('mkdir', '-p', '/run/few')
  for (const program of ['udevadm', 'wipefs', 'mkfs.ext4'])
    sh('ln', '-sf', sh('which', program), `/run/few/${program}`)
  assert.match(
    await failure(provision([filesystems], { filesystems: entries }, { environment: { PATH: '/run/few' } })),
    /^FL_PROGRAM_MISSING: .*"mkfs.xfs" \(Debian package "xfsprogs"\)/,
  )
  assert.equal(sh('wipefs', first), '')
})

void test('a mounted filesystem is not made anew', async () => {
  const device = loopDisk()
  sh('mkfs.ext4', '-q', device)
  sh('mkdir', '-p', '/run/in-use')
  sh('mount', device, '/run/in-use')
  assert.match(
    await failure(make({ filesystems: [{ device, format: 'ext4', wipeFilesystem: true }] })),
    /^FL_DEVICE_BUSY: .*mounted at "\/run\/in-use"/,
  )
  sh('umount', '/run/in-use')
})

void test('partitions, filesystems and mounts in one go; then unmounts, twice', async () => {
  const disk = loopDisk({ sizeMiB: 128 })
  const partitions = ['one', 'two', 'swap'].map((label) => ({ number: 0, label, sizeMiB: 20 }))
  const device = (label: string) => `/dev/disk/by-partlabel/${label}`
  const storage: Storage = {
    disks: [{ device: disk, partitions }],
    filesystems: [
      { device: device('two'), format: 'vfat', path: '/var/lib/deep', mountOptions: ['noexec', 'nosuid'] },
      { device: device('one'), format: 'ext4', path: '//var/./' },
      { device: device('swap'), format: 'swap', path: '/nowhere' },
    ],
  }
  const root = sh('mktemp', '-d')
  const first = await provision([disks, filesystems, createMounts()], storage, { root })
  assert.deepEqual(first.state.notatedDirectories, ['/var', '/var/lib', '/var/lib/deep'])
  assert.equal(sh('findmnt', '-no', 'FSTYPE', `${root}/var`), 'ext4')
  assert.match(sh('findmnt', '-no', 'OPTIONS', `${root}/var/lib/deep`), /nosuid.*noexec/)
  const second = await provision([disks, filesystems, createMounts()], storage, { root, state: first.state })
  assert.deepEqual(changes(second), [])
  assert.deepEqual(second.state.notatedDirectories, first.state.notatedDirectories)
  await provision([unmounts], storage, { root })
  assert.equal(sh('findmnt', '-rno', 'TARGET').includes(root), false)
  await provision([unmounts], storage, { root })
})

void test('a mount point that is a link, and a filesystem that is not what it is said to be', async () => {
  const device = loopDisk()
  sh('mkfs.ext4', '-q', device)
  const root = sh('mktemp', '-d')
  sh('ln', '-s', 'usr', `${root}/link`)
  const at = (path: string, format: string) =>
    failure(provision([createMounts()], { filesystems: [{ device, format, path }] }, { root }))
  assert.match(
    await at('/link/x', 'ext4'),
    /^FL_MOUNT: mount path "\/link\/x" contains non-directory component ".*\/link", a symlink/,
  )
  assert.match(await at('/x', 'unheardfs'), /^FL_MOUNT: cannot mount .*does not know unheardfs/)
})
