import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { disks } from '../../src/sections/disks/index.ts'
import { filesystems } from '../../src/sections/filesystems/index.ts'
import { raid } from '../../src/sections/raid/index.ts'
import type { ConfigRaid } from '../../src/sections/raid/plan.ts'
import type { Sketch } from '../helpers/config-of.ts'
import { failure } from './failure.ts'
import { loopDisk, sh } from './loop.ts'
import { provision } from './provision.ts'

const apply = (...arrays: readonly Sketch<ConfigRaid>[]) => provision([raid], { raid: arrays })

const changes = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.filter((command) => /^"mdadm" "--(create|assemble)/.test(command))

const attribute = (path: string, name: string) =>
  readFileSync(`/sys/class/block/${sh('realpath', path).replace('/dev/', '')}/md/${name}`, 'utf8').trim()

void test('makes an array with a spare, starts it again, and leaves it alone when it runs', async () => {
  const devices = [loopDisk(), loopDisk(), loopDisk()]
  const array = { name: 'data', level: 'raid1', spares: 1, devices, options: ['--bitmap=none'] }
  await apply(array)
  assert.equal(attribute('/dev/md/data', 'level'), 'raid1')
  assert.equal(attribute('/dev/md/data', 'raid_disks'), '2')
  const uuid = attribute('/dev/md/data', 'uuid')
  assert.deepEqual(changes(await apply({ ...array, level: 'mirror' })), [])
  sh('mdadm', '--stop', '/dev/md/data')
  sh('udevadm', 'settle')
  await apply(array)
  assert.equal(attribute('/dev/md/data', 'uuid'), uuid)
  assert.deepEqual(changes(await apply(array)), [])
  assert.match(
    await failure(apply({ ...array, spares: 0 })),
    /^FL_DEVICE_OCCUPIED: RAID array "\/dev\/md\/data" .*raid1 of 2 with .*asks for raid1 of 3/,
  )
  assert.match(
    await failure(apply({ ...array, name: 'other' })),
    /^FL_DEVICE_BUSY: cannot make RAID array "\/dev\/md\/other": its device ".*" is held by "\/dev\/md/,
  )
})

void test('nothing is made over what devices hold, unless the config gives it up', async () => {
  const devices = [loopDisk(), loopDisk()]
  sh('mkfs.ext4', '-q', '-F', devices[1] ?? '')
  const array = { name: 'careful', level: 'raid1', devices, options: ['--bitmap=none'] }
  assert.match(
    await failure(apply(array)),
    /^FL_DEVICE_OCCUPIED: cannot make RAID array "\/dev\/md\/careful": its device ".*" holds ext4; set wipeTable/,
  )
  assert.equal(sh('blkid', '-p', '-o', 'value', '-s', 'TYPE', devices[1] ?? ''), 'ext4')
  const disks = [{ device: devices[1] ?? '', wipeTable: true }]
  await provision([raid], { disks, raid: [array] })
  assert.equal(attribute('/dev/md/careful', 'level'), 'raid1')
})

void test('an array on partitions, one on arrays, and a filesystem on that, in one go', async () => {
  const [first, second] = [loopDisk(), loopDisk()]
  const partitions = ['a', 'b'].map((label, index) => ({ number: index + 1, label, sizeMiB: 24 }))
  const storage = {
    disks: [
      { device: first, partitions },
      {
        device: second,
        partitions: partitions.map(({ label, ...rest }) => ({ ...rest, label: `${label}2` })),
      },
    ],
    raid: [
      { name: 'left', level: 'raid1', devices: [`${first}p1`, `${second}p1`] },
      { name: 'right', level: 'raid1', devices: [`${first}p2`, `${second}p2`] },
      { name: 'both', level: 'raid0', devices: ['/dev/md/left', '/dev/md/right'] },
    ],
    filesystems: [{ device: '/dev/md/both', format: 'ext4', label: 'ten' }],
  }
  await provision([disks, raid, filesystems], storage)
  assert.equal(sh('blkid', '-p', '-o', 'value', '-s', 'LABEL', '/dev/md/both'), 'ten')
  const again = await provision([disks, raid, filesystems], storage)
  assert.deepEqual(changes(again), [])
})
