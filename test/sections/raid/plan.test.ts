import { describe, expect, test } from 'vitest'
import {
  type ArrayFacts,
  type ConfigRaid,
  mdadmArguments,
  planRaid,
} from '../../../src/sections/raid/plan.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'

const array = { name: 'data', level: 'raid1', devices: ['/dev/a', '/dev/b', '/dev/c'], spares: 1 }

function plan(change: Sketch<ConfigRaid> = {}, known: Partial<ArrayFacts> = {}) {
  const config = configOf({ storage: { raid: [{ ...array, ...change }] } })
  const facts: ArrayFacts = {
    path: '/dev/md/data',
    members: array.devices.map((device) => ({ device, node: device.replace('/dev/', '/dev/sd') })),
    running: undefined,
    stored: undefined,
    busy: undefined,
    occupied: undefined,
    isOurs: false,
    remains: [],
    ...known,
  }
  return planRaid(config, new Map([['data', facts]]))
}

const mirror = { level: 'raid1', activeCount: 2, superblocks: [] }

const running = { level: 'raid1', activeCount: 2, members: ['/dev/sdc', '/dev/sdb', '/dev/sda'] }

describe('an array', () => {
  const cases: readonly (readonly [string, Sketch<ConfigRaid>, Partial<ArrayFacts>, readonly string[]])[] = [
    ['that is not there', {}, {}, ['create']],
    ['that runs', {}, { running }, []],
    ['that runs, its level in another word', { level: 'mirror' }, { running }, []],
    ['that runs, its level as a number', { level: '1' }, { running }, []],
    ['that does not run', {}, { stored: mirror }, ['assemble']],
    [
      'of another kind that does not run',
      {},
      { stored: { ...mirror, level: 'raid0', activeCount: 3 } },
      ['create'],
    ],
    [
      'on a device that an earlier one brings',
      {},
      { members: [{ device: '/dev/a', node: undefined }] },
      ['look'],
    ],
    [
      'that an earlier run has begun',
      {},
      { isOurs: true, occupied: { device: '/dev/a', what: 'x' }, running: { ...running, activeCount: 1 } },
      ['create'],
    ],
    [
      'that udev has started without a device which came late',
      {},
      { running: { ...running, members: ['/dev/sda'] }, stored: mirror },
      ['assemble'],
    ],
    [
      'that udev has started without a device which is not there',
      {},
      {
        running: { ...running, members: ['/dev/sda'] },
        members: ['a', 'b', 'c'].map((name) => ({
          device: `/dev/${name}`,
          node: name === 'b' ? undefined : `/dev/sd${name}`,
        })),
      },
      ['look'],
    ],
    ['that an earlier run has begun, and which is whole', {}, { isOurs: true, running }, []],
  ]
  test.each(cases)('%s', (_case, change, known, kinds) => {
    expect(plan(change, known).map(({ kind }) => kind)).toEqual(kinds)
  })
})

describe('refuses', () => {
  const cases: readonly (readonly [Sketch<ConfigRaid>, Partial<ArrayFacts>, RegExp])[] = [
    [{ level: 'raid5' }, { running }, /it is raid1 of 2 with .*, the config asks for raid5 of 2/],
    [{ spares: 0 }, { running }, /asks for raid1 of 3/],
    [{}, { running: { ...running, members: ['/dev/sda', '/dev/sdb', '/dev/sdx'] } }, /sdx, the config/],
    [{}, { running: { ...running, members: ['/dev/sda'] } }, /it is raid1 of 2 with \/dev\/sda, the config/],
    [
      {},
      {
        running: { ...running, members: ['/dev/sda'] },
        stored: mirror,
        busy: { device: '/dev/md127', use: 'mounted at "/x"' },
      },
      /cannot make RAID array "\/dev\/md\/data": its device "\/dev\/md127" is mounted at "\/x"/,
    ],
    [{}, { remains: ['/dev/md127'] }, /another array, "\/dev\/md127", runs on its devices/],
    [
      {},
      { occupied: { device: '/dev/b', what: 'ext4' } },
      /its device "\/dev\/b" holds ext4; set wipeTable for its disk or wipePartitionEntry/,
    ],
    [{}, { busy: { device: '/dev/b', use: 'mounted at "/x"' } }, /device "\/dev\/b" is mounted at "\/x"/],
  ]
  test.each(cases)('%j %j', (change, known, message) => {
    expect(() => plan(change, known)).toThrow(message)
  })
})

test('arguments of mdadm', () => {
  const [create] = plan({ options: ['--bitmap=none'] })
  const [assemble] = plan({}, { stored: mirror })
  if (!create || !assemble) throw new Error('no step')
  expect(mdadmArguments(create, ['A', 'B', 'C']).join(' ')).toBe(
    '--create data --force --run --homehost any --level raid1 --raid-devices 2 --spare-devices 1 --bitmap=none A B C',
  )
  expect(mdadmArguments(assemble, ['A', 'B', 'C']).join(' ')).toBe('--assemble /dev/md/data --run A B C')
})
