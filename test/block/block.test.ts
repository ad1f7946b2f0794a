import { describe, expect, test } from 'vitest'
import { makeAlias } from '../../src/block/alias.ts'
import { requirePrograms } from '../../src/block/require.ts'
import { parseSignatures } from '../../src/block/signatures.ts'
import { readBlockDevice, readKernelPartitions } from '../../src/block/sysfs.ts'
import { readUse } from '../../src/block/usage.ts'
import { settleDevice, waitForDevices } from '../../src/block/wait.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { failureOf } from '../helpers/stage.ts'

const block = { block: new Uint8Array() }

describe('waiting', () => {
  test('follows links to the kernel node', async () => {
    const system = fakeSystem({
      files: { '/dev/sda': block, '/dev/disk/by-id/x': { link: '../../sda' } },
    })
    const nodes = await waitForDevices(system, ['/dev/disk/by-id/x', '/dev/sda', '/dev/sda'])
    expect([...nodes]).toEqual([
      ['/dev/disk/by-id/x', '/dev/sda'],
      ['/dev/sda', '/dev/sda'],
    ])
    await settleDevice(system, '/dev/sda')
    expect(system.runs).toEqual([])
    expect(system.slept).toEqual([])
  })

  test('gives udev a moment for a device that it does not know yet', async () => {
    const files = {
      '/dev/sda': block,
      '/dev/sdb': block,
      '/sys/class/block/sda/dev': '8:0\n',
      '/sys/class/block/sdb/dev': '8:16\n',
      '/run/udev/control': '',
      '/run/udev/data/b8:0': '',
    }
    const system = fakeSystem({ files })
    await waitForDevices(system, ['/dev/sda'])
    expect(system.slept).toEqual([])
    await waitForDevices(system, ['/dev/sda', '/dev/sdb'])
    expect(system.slept.reduce((sum, each) => sum + each, 0)).toBe(5000)
    expect(system.messages.some(({ message }) => message.includes('udev does not know [/dev/sdb]'))).toBe(
      true,
    )
    await settleDevice(system, '/dev/sda')
    expect(system.runs.map(({ args }) => args.join(' '))).toEqual(['trigger --settle /dev/sda'])
  })

  test('gives up after 90 seconds, says so on the way, and names what is there', async () => {
    const system = fakeSystem({
      files: { '/dev/disk/by-id/virtio-a': { link: '/dev/vda' }, '/dev/vda': block },
    })
    const failure = await failureOf(async () =>
      waitForDevices(system, ['/dev/vda', '/dev/disk/by-id/virtio-b', '/dev/none/x']),
    )
    expect(failure).toEqual({
      code: 'FL_DEVICE_MISSING',
      message:
        'no device "/dev/disk/by-id/virtio-b", "/dev/none/x" within 90 seconds: ' +
        '"/dev/disk/by-id" has virtio-a; "/dev/none" has nothing, it does not exist',
    })
    expect(system.slept.reduce((sum, each) => sum + each, 0)).toBe(90_000)
    const told = system.messages.filter(({ level }) => level === 'notice').map(({ message }) => message)
    expect(told.map((message) => /since \d+ s, for \d+ s more/.exec(message)?.[0])).toEqual([
      'since 5 s, for 85 s more',
      'since 10 s, for 80 s more',
      'since 20 s, for 70 s more',
      'since 40 s, for 50 s more',
      'since 80 s, for 10 s more',
    ])
    expect(told[0]).toContain(
      'no "/dev/disk/by-id/virtio-b", "/dev/none/x"; "/dev/disk/by-id" has virtio-a; "/dev/none"',
    )
  })

  test('says what the neighbours are used for, few of many, and that udev is still at work', async () => {
    const many = Array.from({ length: 30 }, (_, index) => [
      `/dev/disk/by-id/x${index + 10}`,
      { link: '/dev/vdb' },
    ])
    const system = fakeSystem({
      files: {
        '/dev/disk/by-id/virtio-a': { link: '/dev/vda' },
        '/dev/vda': block,
        '/dev/vdb': block,
        '/sys/class/block/vda/dev': '8:0\n',
        '/proc/self/mountinfo': '1 0 8:0 / /boot rw - ext4 /dev/vda rw\n',
        '/run/udev/queue': '',
        ...Object.fromEntries(many),
      },
    })
    const { message } = await failureOf(async () => waitForDevices(system, ['/dev/disk/by-id/virtio-b']))
    expect(message).toMatch(
      /has virtio-a \(mounted at "\/boot"\), x10, .* and 15 more; udev is still at work/,
    )
  })

  test('does not wait for what is no device', async () => {
    const system = fakeSystem({ files: { '/dev/d': 'text' } })
    const failure = await failureOf(async () => waitForDevices(system, ['/dev/d']))
    expect(failure.message).toBe('"/dev/d" is a file, not a block device')
  })
})

test('an alias keeps the node that was observed', () => {
  const system = fakeSystem()
  const alias = '/run/ignition/dev_aliases/dev/disk/x'
  expect(makeAlias(system, '/dev//disk/x', '/dev/sda')).toBe(alias)
  expect(makeAlias(system, '/dev/disk/x', '/dev/sdb')).toBe(alias)
  expect(makeAlias(system, '/dev/disk/x', '/dev/sdb')).toBe(alias)
  expect(system.files.readlink(alias)).toBe('/dev/sdb')
  expect(system.messages).toHaveLength(2)
})

describe('sysfs', () => {
  const files = {
    '/sys/class/block/sda/dev': '8:0\n',
    '/sys/class/block/sda/size': '1000\n',
    '/sys/class/block/sda/queue/logical_block_size': '4096\n',
    '/sys/class/block/sda/holders/dm-0': null,
    '/sys/class/block/sda/sda2/partition': '2\n',
    '/sys/class/block/sda/sda2/start': '8\n',
    '/sys/class/block/sda/sda2/size': '16\n',
    '/sys/class/block/sda/slaves': null,
    '/sys/class/block/dm-0/dm/name': 'vault\n',
    '/sys/class/block/sdb/dev': '8:16\n',
    '/sys/class/block/sdc/dev': '8:32\n',
    '/sys/class/block/sdd/dev': '8:48\n',
    '/proc/swaps': 'Filename Type\n/dev/disk/by-label/swap partition 1 2\n',
    '/dev/disk/by-label/swap': { link: '/dev/sdc' },
    '/dev/root': { link: 'missing' },
    '/proc/self/mountinfo': '1 0 8:16 / / rw - ext4 /dev/root rw\n2 1 0:20 / /d rw - btrfs /dev/sdd rw\n',
  }
  const system = fakeSystem({ files })

  test('what the kernel knows', () => {
    expect(readBlockDevice(system.files, '/dev/sda')).toEqual({
      node: '/dev/sda',
      number: '8:0',
      logicalSectorBytes: 4096,
      sizeKernelSectors: 1000,
      holders: ['dm-0'],
      mapperName: undefined,
    })
    expect(readBlockDevice(system.files, '/dev/nope')).toBeUndefined()
    expect(readKernelPartitions(system.files, '/dev/sda')).toEqual([
      { node: '/dev/sda2', number: 2, start: 8, size: 16 },
    ])
  })

  test.each([
    ['/dev/sda', 'held by "/dev/mapper/vault"'],
    ['/dev/sdb', 'mounted at "/"'],
    ['/dev/sdc', 'in use as swap space'],
    ['/dev/sdd', 'mounted at "/d"'],
    ['/dev/dm-0', undefined],
  ])('%s is %s', (node, use) => {
    const device = readBlockDevice(system.files, node)
    expect(device && readUse(system.files)(device)).toBe(use)
  })
})

test('signatures', () => {
  const json = '{"signatures": [{"type":"ext4","usage":"filesystem","uuid":null,"label":"a b"}]}'
  expect(parseSignatures(json, '/dev/d')).toEqual([
    { type: 'ext4', usage: 'filesystem', uuid: '', label: 'a b' },
  ])
  expect(parseSignatures('', '/dev/d')).toEqual([])
  expect(() => parseSignatures('oops', '/dev/d')).toThrow(/about "\/dev\/d" that is not understood: "oops"/)
})

test('programs that are missing are named with their packages', () => {
  const system = fakeSystem({
    environment: { PATH: '/bin:/sbin' },
    files: { '/sbin/sgdisk': '' },
  })
  requirePrograms(system, ['sgdisk'], 'partitioning')
  expect(() => requirePrograms(system, ['sgdisk', 'partx', 'mkfs.xfs'], 'partitioning')).toThrow(
    /partitioning needs "partx" \(Debian package "util-linux"\) and "mkfs.xfs" \(Debian package "xfsprogs"\).*nothing was changed/,
  )
})
