import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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

const kernelName = (device: string) => sh('realpath', device).replace('/dev/', '')

const running = (path: string) => readdirSync(`/sys/class/block/${kernelName(path)}/slaves`).sort()

const alone = (path: string, half: string) => {
  sh('udevadm', 'settle')
  sh('mdadm', '--assemble', '--run', path, half)
  sh('udevadm', 'settle')
}

const stop = (path: string) => {
  sh('udevadm', 'settle')
  sh('mdadm', '--stop', path)
}

const say = (path: string, word: string) => {
  writeFileSync(path, word.padEnd(4096))
  sh('sync', path)
}

const said = (path: string) => readFileSync(path).subarray(0, 4096).toString().trim()

/** A mirror of two whole disks that says `both`, and does not run. */
async function mirror(name: string) {
  const devices = [loopDisk({ sizeMiB: 16 }), loopDisk({ sizeMiB: 16 })] as const
  const array = { name, level: 'raid1', devices, options: ['--bitmap=none', '--assume-clean'] }
  const path = `/dev/md/${name}`
  await apply(array)
  say(path, 'both')
  stop(path)
  return { array, path, devices, names: devices.map(kernelName).sort() }
}

void test('a mirror that runs with one half, whose disk udev reads again, ends whole', async () => {
  const [first, second] = [loopDisk(), loopDisk()]
  const storage = {
    disks: [
      { device: first, partitions: [{ number: 1, label: 'near', sizeMiB: 16 }] },
      // the rest of the disk: sgdisk is asked every time, and opens it for writing
      {
        device: second,
        partitions: [
          { number: 1, label: 'far', sizeMiB: 16 },
          { number: 2, label: 'rest', sizeMiB: 0 },
        ],
      },
    ],
    raid: [
      {
        name: 'parted',
        level: 'raid1',
        devices: [`${first}p1`, '/dev/disk/by-partlabel/far'],
        options: ['--bitmap=none', '--assume-clean'],
      },
    ],
  }
  const path = '/dev/md/parted'
  await provision([disks, raid], storage)
  say(path, 'kept')
  const uuid = attribute(path, 'uuid')
  for (let round = 0; round < 3; round += 1) {
    stop(path)
    alone(path, `${first}p1`)
    assert.deepEqual(running(path), [kernelName(`${first}p1`)])
    assert.equal(changes(await provision([disks, raid], storage)).length, 1)
    sh('udevadm', 'settle')
    assert.deepEqual(running(path), [`${first}p1`, `${second}p1`].map(kernelName).sort())
    assert.equal(attribute(path, 'degraded'), '0')
    assert.deepEqual([attribute(path, 'uuid'), said(path)], [uuid, 'kept'])
  }
})

void test('the half of a mirror that is older gets what the other holds, whichever is started first', async () => {
  for (const newer of [0, 1] as const) {
    const { array, path, devices, names } = await mirror(`older${newer}`)
    const older = devices[newer === 0 ? 1 : 0]
    alone(path, devices[newer])
    say(path, 'newer')
    if (newer === 1) {
      stop(path)
      alone(path, older)
    }
    await apply(array)
    assert.deepEqual(running(path), names)
    sh('sh', '-c', `mdadm --wait ${path} || true`)
    assert.equal(attribute(path, 'degraded'), '0')
    assert.deepEqual(changes(await apply(array)), [])
    stop(path)
    alone(path, older)
    assert.equal(said(path), 'newer')
  }
})

void test('halves that have both been written to alone stay as they are', async () => {
  const { array, path, devices } = await mirror('divided')
  for (const [index, half] of devices.entries()) {
    alone(path, half)
    say(path, `half ${index}`)
    stop(path)
  }
  assert.match(
    await failure(apply(array)),
    /^FL_DEVICE_OCCUPIED: cannot start RAID array "\/dev\/md\/divided": .* have each been written to without the other/,
  )
  for (const [index, half] of devices.entries()) {
    alone(path, half)
    assert.equal(said(path), `half ${index}`)
    stop(path)
  }
})

void test('half a mirror that is in use goes on', async () => {
  const { array, path, devices } = await mirror('used')
  alone(path, devices[0])
  sh('mkfs.ext4', '-q', '-F', path)
  const directory = mkdtempSync('/run/used-')
  sh('mount', path, directory)
  assert.match(
    await failure(apply(array)),
    /^FL_DEVICE_BUSY: .*\/dev\/md\/used": its device ".*" is mounted at/,
  )
  assert.deepEqual(running(path), [kernelName(devices[0])])
  sh('umount', directory)
})
