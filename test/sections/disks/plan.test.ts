import { describe, expect, test } from 'vitest'
import type { PartitionEntry } from '../../../src/block/gpt.ts'
import { type DiskFacts, planDisks } from '../../../src/sections/disks/plan.ts'
import type { ConfigDisk, ConfigPartition } from '../../../src/spec/config.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'

const linux = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const guid = (digit: string) => `${digit.repeat(8)}-1111-1111-1111-111111111111`

/** Partition 1: MiB 1 to 11; partition 2: MiB 11 to 31. */
const entries: readonly PartitionEntry[] = [
  { number: 1, label: 'one', guid: guid('A'), typeGuid: linux, start: 2048, size: 20480 },
  { number: 2, label: 'two', guid: guid('B'), typeGuid: linux, start: 22528, size: 40960 },
]

interface Options extends Partial<Omit<DiskFacts, 'disk'>> {
  readonly disk?: Sketch<ConfigDisk>
  readonly uses?: Readonly<Record<number, string>>
}

/** Plans partitions on a 64 MiB disk; open dimensions must be given as resolved by sgdisk. */
function plan(partitions: readonly Sketch<ConfigPartition>[], { disk, uses = {}, ...facts }: Options = {}) {
  const config = configOf({ storage: { disks: [{ device: '/dev/d', partitions, ...disk }] } })
  const [asked] = config.storage.disks
  if (!asked) throw new Error('no disk')
  const known: DiskFacts = {
    disk: asked,
    node: '/dev/sda',
    sectorBytes: 512,
    sizeSectors: 131072,
    table: { kind: 'gpt', partitions: entries },
    use: undefined,
    kernel: new Map(entries.map(({ number, start, size }) => [number, { start, size, use: uses[number] }])),
    pretence: { kind: 'resolved', dimensions: new Map() },
    ...facts,
  }
  return planDisks([known])
}

const resolved = (...dimensions: readonly [number: number, start: number, size: number][]) => ({
  pretence: {
    kind: 'resolved' as const,
    dimensions: new Map(dimensions.map(([number, start, size]) => [number, { start, size }])),
  },
})

describe('one partition', () => {
  const cases: readonly (readonly [string, Sketch<ConfigPartition>, readonly string[]])[] = [
    ['absent and not wanted', { number: 3, shouldExist: false }, []],
    [
      'absent and wanted, in the order of sgdisk',
      { number: 3, startMiB: 40, sizeMiB: 2, label: 'x', typeGuid: linux, guid: guid('C') },
      [
        '--new=3:81920:+4096',
        '--change-name=3:x',
        `--typecode=3:${linux}`,
        `--partition-guid=3:${guid('C')}`,
      ],
    ],
    ['there and not wanted', { number: 1, shouldExist: false, wipePartitionEntry: true }, ['--delete=1']],
    ['as asked', { number: 1, startMiB: 1, sizeMiB: 10, label: 'one', guid: guid('a') }, []],
    [
      'as asked, though it may be wiped',
      { number: 1, startMiB: 1, sizeMiB: 10, label: 'one', wipePartitionEntry: true },
      [],
    ],
    [
      'other, and may be wiped: what is not given is not kept',
      { number: 1, startMiB: 1, sizeMiB: 8, wipePartitionEntry: true },
      ['--delete=1', '--new=1:2048:+16384'],
    ],
    [
      'another size, and may be resized: all else is kept',
      { number: 2, startMiB: 11, sizeMiB: 30, resize: true },
      [
        '--delete=2',
        '--new=2:22528:+61440',
        '--change-name=2:two',
        `--typecode=2:${linux}`,
        `--partition-guid=2:${guid('B')}`,
      ],
    ],
  ]
  test.each(cases)('%s', (_case, partition, options) => {
    expect(plan([partition]).flatMap((step) => step.options)).toEqual(options)
  })
})

test('what sgdisk found for open dimensions is what is written', () => {
  const [step] = plan([{ number: 3, label: 'x' }], resolved([3, 63488, 2048]))
  expect(step?.options).toEqual(['--new=3:63488:+2048', '--change-name=3:x'])
  expect(step?.present).toEqual([{ number: 3, start: 63488, size: 2048 }])
})

test('the kernel alone is told when only it is behind', () => {
  const [step] = plan([{ number: 1, startMiB: 1, sizeMiB: 10 }], { kernel: new Map() })
  expect(step).toMatchObject({ options: [], present: [{ number: 1, start: 2048, size: 20480 }] })
})

test('a wiped table is always written, and the kernel forgets what was on it', () => {
  const [step] = plan([{ number: 2, startMiB: 1, sizeMiB: 10 }], { disk: { wipeTable: true } })
  expect(step).toMatchObject({ wipeTable: true, options: ['--new=2:2048:+20480'], absent: [1] })
})

test('4096-byte sectors', () => {
  const [step] = plan([{ number: 3, startMiB: 40, sizeMiB: 2 }], { sectorBytes: 4096 })
  expect(step?.options).toEqual(['--new=3:10240:+512'])
})

describe('refuses', () => {
  const cases: readonly (readonly [Sketch<ConfigPartition>, Options, string])[] = [
    [
      { number: 1, shouldExist: false },
      {},
      'FL_PARTITION_MISMATCH: partition 1 of "/dev/d" exists but is specified as nonexistant and wipePartitionEntry is false',
    ],
    [
      { number: 1, startMiB: 2, sizeMiB: 9, label: 'x', typeGuid: guid('D') },
      {},
      `FL_PARTITION_MISMATCH: partition 1 of "/dev/d" didn't match: starting sector did not match (specified 2 MiB, got 1 MiB), ` +
        `type GUID did not match (specified ${guid('D')}, got ${linux}), ` +
        'label did not match (specified "x", got "one"), size did not match (specified 9 MiB, got 10 MiB)',
    ],
    [
      { number: 1, startMiB: 2, sizeMiB: 9, resize: true },
      {},
      `FL_PARTITION_MISMATCH: partition 1 of "/dev/d" didn't match: starting sector did not match (specified 2 MiB, got 1 MiB), size did not match (specified 9 MiB, got 10 MiB)`,
    ],
    [
      { number: 1, startMiB: 1, sizeMiB: 9, resize: true },
      { uses: { 1: 'mounted at "/x"' } },
      'FL_DEVICE_BUSY: refusing to modify active partition 1 on "/dev/d": it is mounted at "/x"',
    ],
    [
      { number: 3, startMiB: 40, sizeMiB: 1 },
      { use: 'held by "/dev/md0"' },
      'FL_DEVICE_BUSY: refusing to operate on directly active disk "/dev/d": it is held by "/dev/md0"',
    ],
    [
      { number: 3, startMiB: 40, sizeMiB: 1 },
      { disk: { wipeTable: true }, uses: { 2: 'in use as swap space' } },
      'FL_DEVICE_BUSY: refusing to wipe active disk "/dev/d": its partition 2 is in use as swap space',
    ],
    [
      { number: 3, sizeMiB: 1 },
      { table: { kind: 'foreign', what: 'a table of type dos' } },
      'FL_DEVICE_OCCUPIED: disk "/dev/d" does not have a GPT but a table of type dos; set wipeTable to replace it',
    ],
    [
      { number: 3, sizeMiB: 1 },
      { table: { kind: 'occupied', what: 'xfs' } },
      'FL_DEVICE_OCCUPIED: disk "/dev/d" has no partition table but holds xfs as a whole; set wipeTable to replace it',
    ],
    [
      { number: 3, sizeMiB: 50 },
      { pretence: { kind: 'refused', output: 'Could not create partition 3 from 63488 to 165887\n' } },
      'FL_PARTITION_FIT: partition 3 does not fit on disk "/dev/d" (64 MiB): it would take 31 MiB to 81 MiB, but the disk is too small for that',
    ],
    [
      { number: 3, startMiB: 5, sizeMiB: 5 },
      { pretence: { kind: 'refused', output: 'Could not create partition 3 from 10240 to 20479\n' } },
      'FL_PARTITION_FIT: partition 3 does not fit on disk "/dev/d" (64 MiB): it would take 5 MiB to 10 MiB, but partition 1 is at 1 MiB to 11 MiB',
    ],
    [
      { number: 1, sizeMiB: 20 },
      { pretence: { kind: 'refused', output: 'Could not create partition 1 from 2048 to 43007\n' } },
      `FL_PARTITION_MISMATCH: partition 1 of "/dev/d" didn't match: size did not match (specified 20 MiB, got 10 MiB)`,
    ],
    [
      { number: 3 },
      { pretence: { kind: 'refused', output: 'no such luck\n' } },
      'FL_PARTITION_FIT: sgdisk refuses the partitions of disk "/dev/d" (64 MiB): no such luck; repair its table, or set wipeTable to replace it',
    ],
  ]
  test.each(cases)('%j', (partition, options, message) => {
    const failure = () => {
      try {
        return plan([partition], options)
      } catch (error) {
        const { code, message: text } = error as Error & { code: string }
        return `${code}: ${text}`
      }
    }
    expect(failure()).toBe(message)
  })
})

test('an active disk is left in peace when nothing has to change', () => {
  const partition = { number: 1, startMiB: 1, sizeMiB: 10 }
  expect(plan([partition], { use: 'mounted at "/"', uses: { 1: 'mounted at "/x"' } })).toEqual([])
})
