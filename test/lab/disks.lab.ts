import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { disks } from '../../src/sections/disks/index.ts'
import type { ConfigDisk } from '../../src/spec/config.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { failure } from './failure.ts'
import { loopDisk, sh } from './loop.ts'
import { provision } from './provision.ts'

const apply = (disk: Sketch<ConfigDisk>) => provision([disks], { disks: [disk] })

const sysfs = (node: string, name: string) =>
  Number(readFileSync(`/sys/class/block/${basename(node)}/${name}`, 'utf8'))

/** `number label start size` of every partition, in 512-byte sectors. */
const tableOf = (disk: string) =>
  sh('partx', '--noheadings', '--raw', '--output', 'NR,NAME,START,SECTORS', disk).split('\n')

/** Programs that change a disk. */
const changes = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.filter((command) => /"(sgdisk|partx)"/.test(command) && !command.includes('"--pretend"'))

const quiet = ({ messages }: Awaited<ReturnType<typeof apply>>) =>
  messages.filter(({ level }) => level !== 'info' && level !== 'debug')

for (const sectorBytes of [512, 4096] as const)
  void test(`a blank disk with sectors of ${sectorBytes} bytes; again does nothing`, async () => {
    const device = loopDisk({ sectorBytes })
    const disk = {
      device,
      partitions: [
        { number: 0, label: 'rest' },
        {
          number: 1,
          label: 'one',
          startMiB: 1,
          sizeMiB: 8,
          typeGuid: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
        },
        { number: 2, label: 'two', sizeMiB: 16, guid: '11111111-2222-3333-4444-555555555555' },
      ],
    }
    const first = await apply(disk)
    assert.deepEqual(
      tableOf(device).map((line) => line.split(' ').slice(0, 3).join(' ')),
      ['1 one 2048', '2 two 18432', '3 rest 51200'],
    )
    assert.equal(sysfs(`${device}p2`, 'start'), 18432)
    assert.equal(sysfs(`${device}p2`, 'size'), 32768)
    assert.match(sh('blkid', '-p', '-o', 'export', `${device}p2`), /11111111-2222-3333-4444-555555555555/)
    assert.match(sh('blkid', '-p', '-o', 'export', `${device}p1`), /c12a7328-f81f-11d2-ba4b-00a0c93ec93b/)
    assert.deepEqual(quiet(first), [])
    const again = await apply(disk)
    assert.deepEqual(changes(again), [])
    assert.deepEqual(quiet(again), [])
  })

void test('adds beside what is there, deletes and remakes only when asked to, and resizes', async () => {
  const device = loopDisk()
  sh(
    'sgdisk',
    '--new=1:2048:+20480',
    '--change-name=1:keep',
    '--new=2:0:+2048',
    '--change-name=2:gone',
    device,
  )
  const keep = sh('blkid', '-p', '-o', 'value', '-s', 'PART_ENTRY_UUID', `${device}p1`)
  assert.match(
    await failure(apply({ device, partitions: [{ number: 2, shouldExist: false }] })),
    /^FL_PARTITION_MISMATCH: partition 2 of ".*" exists but is specified as nonexistant/,
  )
  assert.match(
    await failure(apply({ device, partitions: [{ number: 1, label: 'other', sizeMiB: 20 }] })),
    /partition 1 of ".*" didn't match: label .*specified "other", got "keep".*size .*specified 20 MiB, got 10 MiB/,
  )
  const disk = {
    device,
    partitions: [
      { number: 1, label: 'keep', sizeMiB: 12, resize: true },
      { number: 2, shouldExist: false, wipePartitionEntry: true },
      { number: 3, label: 'three', sizeMiB: 4, startMiB: 20 },
    ],
  }
  await apply(disk)
  assert.deepEqual(tableOf(device), ['1 keep 2048 24576', '3 three 40960 8192'])
  assert.equal(sh('blkid', '-p', '-o', 'value', '-s', 'PART_ENTRY_UUID', `${device}p1`), keep)
  assert.equal(sysfs(`${device}p1`, 'size'), 24576)
  assert.deepEqual(changes(await apply(disk)), [])
  const remade = { device, partitions: [{ number: 3, label: 'new', sizeMiB: 8, wipePartitionEntry: true }] }
  await apply(remade)
  assert.equal(sysfs(`${device}p3`, 'size'), 16384)
  assert.deepEqual(changes(await apply(remade)), [])
})

void test('wipes a table that nothing can read, without a word above notice', async () => {
  for (const damage of ['both', 'main', 'mbr', 'noise'] as const) {
    const device = loopDisk()
    if (damage === 'mbr') sh('bash', '-c', `sgdisk -n1:2048:+2048 -m 1 ${device} || true`)
    else sh('sgdisk', '--new=1:2048:+20480', device)
    if (damage === 'both' || damage === 'main')
      sh('dd', 'if=/dev/urandom', `of=${device}`, 'bs=512', 'seek=1', 'count=40', 'conv=fsync')
    if (damage === 'both') sh('dd', 'if=/dev/urandom', `of=${device}`, 'bs=512', 'seek=131039', 'count=33')
    if (damage === 'noise') sh('dd', 'if=/dev/urandom', `of=${device}`, 'bs=1M', 'count=2')
    const partitions = [{ number: 1, label: 'new' }]
    if (damage === 'both')
      assert.match(
        await failure(apply({ device, partitions })),
        /^FL_DEVICE_OCCUPIED: .*damaged GPT.*wipeTable/,
      )
    if (damage === 'mbr')
      assert.match(await failure(apply({ device, partitions })), /^FL_DEVICE_OCCUPIED: .*type dos.*wipeTable/)
    const result = await apply({ device, wipeTable: true, partitions })
    assert.deepEqual(quiet(result), [], damage)
    assert.deepEqual(tableOf(device), ['1 new 2048 128991'], damage)
    assert.equal(sysfs(`${device}p1`, 'size'), 128991, damage)
  }
})

void test('refuses a disk that is a filesystem as a whole', async () => {
  const device = loopDisk()
  sh('mkfs.ext4', '-q', device)
  const disk = { device, partitions: [{ number: 1 }] }
  assert.match(await failure(apply(disk)), /^FL_DEVICE_OCCUPIED: .* holds ext4 as a whole; set wipeTable/)
  await apply({ ...disk, wipeTable: true })
  assert.deepEqual(tableOf(device), ['1  2048 128991'])
})

void test('nothing is touched on any disk when one has no room, and the reason is in MiB', async () => {
  const [good, small] = [loopDisk(), loopDisk()]
  sh('sgdisk', '--new=1:2048:+40960', small)
  const partitions = [{ number: 2, startMiB: 10, sizeMiB: 20 }]
  const before = sh('sha256sum', good)
  const both = (second: Sketch<ConfigDisk>) =>
    failure(provision([disks], { disks: [{ device: good, partitions: [{ number: 1 }] }, second] }))
  assert.match(
    await both({ device: small, partitions }),
    /^FL_PARTITION_FIT: partition 2 does not fit on disk ".*" \(64 MiB\): it would take 10 MiB to 30 MiB, but partition 1 is at 1 MiB to 21 MiB/,
  )
  assert.match(
    await both({ device: small, partitions: [{ number: 2, sizeMiB: 500 }] }),
    /it would take 21 MiB to 521 MiB, but the disk is too small/,
  )
  assert.equal(sh('sha256sum', good), before)
})

void test('refuses what is mounted, swapped to or held, and adds beside it', async () => {
  const device = loopDisk()
  sh('sgdisk', '--new=1:2048:+20480', '--new=2:0:+20480', '--new=3:0:+20480', device)
  sh('udevadm', 'settle')
  sh('mkfs.ext4', '-q', `${device}p1`)
  sh('mkswap', `${device}p2`)
  sh('mkdir', '-p', '/run/busy')
  sh('mount', `${device}p1`, '/run/busy')
  sh('swapon', `${device}p2`)
  sh('dmsetup', 'create', 'holder', '--table', `0 20480 linear ${device}p3 0`)
  const remake = (number: number) =>
    failure(apply({ device, partitions: [{ number, label: 'x', wipePartitionEntry: true }] }))
  assert.match(
    await remake(1),
    /^FL_DEVICE_BUSY: refusing to modify active partition 1 .*mounted at "\/run\/busy"/,
  )
  assert.match(await remake(2), /active partition 2 .*in use as swap space/)
  assert.match(await remake(3), /active partition 3 .*held by "\/dev\/mapper\/holder"/)
  assert.match(await failure(apply({ device, wipeTable: true })), /refusing to wipe active disk/)
  const disk = { device, partitions: [{ number: 1 }, { number: 4, sizeMiB: 4 }] }
  await apply(disk)
  assert.equal(sysfs(`${device}p4`, 'size'), 8192)
  assert.deepEqual(changes(await apply(disk)), [])
  sh('dmsetup', 'remove', 'holder')
  sh('swapoff', `${device}p2`)
  sh('umount', '/run/busy')
  sh('mkfs.ext4', '-q', '-F', device)
  sh('udevadm', 'settle')
  sh('mount', device, '/run/busy')
  assert.match(
    await failure(apply({ device, wipeTable: true, partitions: [{ number: 1 }] })),
    /refusing to operate on directly active disk ".*": it is mounted at "\/run\/busy"/,
  )
  sh('umount', '/run/busy')
})

void test('names the disk by a link, and the kernel that lost sight is told again', async () => {
  const device = loopDisk()
  sh('mkdir', '-p', '/run/links')
  sh('ln', '-s', device, '/run/links/disk')
  const disk = { device: '/run/links/disk', partitions: [{ number: 1, sizeMiB: 4 }] }
  await apply(disk)
  assert.equal(sh('readlink', '/run/ignition/dev_aliases/run/links/disk'), device)
  sh('partx', '--delete', '--nr', '1', device)
  const again = await apply(disk)
  assert.equal(sysfs(`${device}p1`, 'size'), 8192)
  assert.ok(changes(again).every((command) => command.startsWith('"partx" "--add"')))
})
