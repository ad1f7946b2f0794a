import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inspectMachine } from '../../src/plan/inspect.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'
import { diskImage } from '../helpers/image.ts'

const sysfs = '/sys/class/block/sda'

/** A machine whose kernel shows the disk and none of its partitions. */
const withoutPartitions = (
  files: FakeOptions['files'] = {},
  programs: NonNullable<FakeOptions['programs']>,
) =>
  fakeSystem({
    environment: { PATH: '/bin' },
    files: {
      '/bin/blkid': '',
      '/proc/cmdline':
        'quiet ignition.config.url=https://user:pw@config.example/c?token=abc site.password=xyz root=LABEL=a',
      '/proc/meminfo': 'MemTotal:       2048 kB\n',
      '/proc/self/mountinfo': '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:4 / /proc rw - proc proc rw\n',
      '/etc/passwd': 'core:x:500:500::/home/core:/bin/sh\n',
      '/etc/shadow': 'core:$6$canary:1::::::\n',
      '/dev/sda': {
        block: readFileSync(
          diskImage(8, '--new=1:2048:+2048', '--change-name=1:first', '--new=3:6144:+1024'),
        ),
      },
      [`${sysfs}/dev`]: '8:0',
      [`${sysfs}/size`]: String(8 * 2048),
      [`${sysfs}/queue/logical_block_size`]: '512',
      '/dev/disk/azure/scsi1/lun0': { link: '../../../sda' },
      ...files,
    },
    programs,
  })

const wipefs = '{"signatures": [{"type":"gpt","usage":"partition-table","uuid":null,"label":null}]}'

test('partitions that the kernel does not show are read from the table, and what is on them from their bytes', async () => {
  const system = withoutPartitions({}, ({ program, args }) => {
    if (program === 'wipefs') return { stdout: wipefs }
    if (program !== 'blkid') return undefined
    return args.includes(String(2048 * 512))
      ? { stdout: 'TYPE=ext4\nUSAGE=filesystem\nUUID=u\nLABEL=old\\ data\n' }
      : { exitCode: 2 }
  })
  const { devices, unseen } = await inspectMachine({ system, root: '/' })
  expect(unseen).toEqual([])
  expect(devices).toMatchObject([
    {
      path: '/dev/sda',
      links: ['/dev/disk/azure/scsi1/lun0'],
      kind: 'disk',
      sizeBytes: 8 * 2 ** 20,
      table: {
        kind: 'gpt',
        firstUsableSector: 34,
        partitions: [{ number: 1, label: 'first', start: 2048, size: 2048 }, { number: 3 }],
      },
    },
    {
      path: '/dev/sda1',
      partitionOf: { disk: '/dev/sda', number: 1 },
      signatures: [{ type: 'ext4', label: 'old data' }],
    },
    { path: '/dev/sda3', partitionOf: { disk: '/dev/sda', number: 3 }, signatures: [] },
  ])
})

test('what cannot be seen is said, the rest is described, and no secret is in it', async () => {
  const system = withoutPartitions({ '/etc/initrd-release': '' }, () => undefined)
  const machine = await inspectMachine({ system, root: '/' })
  expect(machine).toMatchObject({
    where: 'initramfs',
    memoryBytes: 2 ** 21,
    kernelArguments: [
      'quiet',
      'ignition.config.url=https://config.example/c?token=***',
      'site.password=***',
      'root=LABEL=a',
    ],
    mounts: [{ path: '/', source: '/dev/sda1', type: 'ext4' }],
    root: { users: [{ name: 'core', uid: 500 }] },
  })
  expect(machine.devices[0]).not.toHaveProperty('signatures')
  expect(machine.unseen.map((each) => each.split(':')[0])).toEqual([
    'what is on /dev/sda',
    'what is on partition 1 of /dev/sda',
    'what is on partition 3 of /dev/sda',
  ])
  expect(JSON.stringify(machine)).not.toMatch(/canary|xyz|abc|user:pw/)
  const nothing = await inspectMachine({ system: fakeSystem(), root: undefined })
  expect(nothing).toMatchObject({ devices: [], programs: [], memoryBytes: 0 })
  expect(nothing.unseen).toHaveLength(3)
})
