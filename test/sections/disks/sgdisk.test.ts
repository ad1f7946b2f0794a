import { describe, expect, test } from 'vitest'
import type { PartitionEntry } from '../../../src/block/gpt.ts'
import { disksByNode, requestsOf } from '../../../src/sections/disks/request.ts'
import { keptDimensions, parsePretence, pretendOptions } from '../../../src/sections/disks/sgdisk.ts'
import type { ConfigDisk, ConfigPartition } from '../../../src/spec/config.ts'
import { configOf, type Sketch } from '../../helpers/config-of.ts'

const entry = (number: number, label: string): PartitionEntry => ({
  number,
  label,
  guid: 'A0000000-0000-0000-0000-000000000000',
  typeGuid: 'B0000000-0000-0000-0000-000000000000',
  start: 2048 * number,
  size: 2048,
})

function requests(partitions: readonly Sketch<ConfigPartition>[], table: readonly PartitionEntry[] = []) {
  const [disk] = configOf({ storage: { disks: [{ device: '/dev/d', partitions }] } }).storage.disks
  if (!disk) throw new Error('no disk')
  return requestsOf(disk, table, 512)
}

const cases: readonly (readonly [
  string,
  readonly Sketch<ConfigPartition>[],
  readonly PartitionEntry[],
  readonly string[],
])[] = [
  ['nothing wanted', [{ number: 1, shouldExist: false }], [entry(1, 'a')], []],
  ['open dimensions of a new one', [{ number: 1 }], [], ['--new=1:0:+0', '--info=1']],
  ['fixed dimensions need no answer', [{ number: 1, startMiB: 1, sizeMiB: 2 }], [], ['--new=1:2048:+4096']],
  [
    'open dimensions of one that stays',
    [{ number: 1, label: 'a' }],
    [entry(1, 'a')],
    ['--delete=1', '--new=1:2048:+2048', '--info=1'],
  ],
  [
    'open dimensions of one that goes',
    [{ number: 1, label: 'b', wipePartitionEntry: true }],
    [entry(1, 'a')],
    ['--delete=1', '--new=1:0:+0', '--info=1'],
  ],
  [
    'a dimension of 0 is open whatever is there',
    [{ number: 1, sizeMiB: 0 }],
    [entry(1, 'a')],
    ['--delete=1', '--new=1:2048:+0', '--info=1'],
  ],
  [
    'number 0 comes last and gets the first free slot',
    [
      { number: 0, label: 'x' },
      { number: 2, label: 'y' },
    ],
    [entry(1, 'a')],
    ['--new=2:0:+0', '--new=3:0:+0', '--info=2', '--info=3'],
  ],
  [
    'number 0 is what is just so already',
    [{ number: 0, label: 'a' }],
    [entry(4, 'a')],
    ['--delete=4', '--new=4:8192:+2048', '--info=4'],
  ],
  [
    'number 0 is not what another entry names',
    [
      { number: 0, label: 'a' },
      { number: 1, label: 'a' },
    ],
    [entry(1, 'a')],
    ['--delete=1', '--new=1:2048:+2048', '--new=2:0:+0', '--info=1', '--info=2'],
  ],
]

test.each(cases)('%s', (_case, partitions, table, options) => {
  const all = pretendOptions(requests(partitions, table), false)
  expect(all).toEqual(options.length === 0 ? [] : ['--pretend', ...options])
})

describe('nothing is rehearsed', () => {
  const there = [entry(1, 'a'), entry(2, 'b')]
  const kept = (...partitions: readonly Sketch<ConfigPartition>[]) =>
    keptDimensions(requests(partitions, there))

  test('when all partitions stay', () => {
    expect(
      kept({ number: 1, label: 'a', startMiB: 1, sizeMiB: 1 }, { number: 3, shouldExist: false }),
    ).toEqual(new Map([[1, { start: 2048, size: 2048 }]]))
    expect(kept({ number: 2, wipePartitionEntry: true })?.get(2)).toEqual({ start: 4096, size: 2048 })
    expect(kept()?.size).toBe(0)
  })

  test.each<Sketch<ConfigPartition>>([
    { number: 3 },
    { number: 1, label: 'c' },
    { number: 1, sizeMiB: 2 },
    { number: 1, sizeMiB: 0 },
    { number: 1, startMiB: 0 },
    { number: 1, shouldExist: false },
  ])('unless one does not: %j', (partition) => {
    expect(kept({ number: 2 }, partition)).toBeUndefined()
  })
})

test('one disk by two names is one disk', () => {
  const names = (first: Sketch<ConfigDisk>, second: Sketch<ConfigDisk>) => {
    const { disks } = configOf({
      storage: {
        disks: [
          { device: '/dev/a', partitions: [{ number: 1 }], ...first },
          { device: '/dev/b', partitions: [{ number: 2 }], ...second },
        ],
      },
    }).storage
    const nodes = new Map([
      ['/dev/a', '/dev/sda'],
      ['/dev/b', '/dev/sda'],
    ])
    return [...disksByNode(disks, nodes)].map(([node, { device, wipeTable, partitions }]) => [
      node,
      device,
      wipeTable,
      partitions.map(({ number }) => number),
    ])
  }
  expect(names({ wipeTable: true }, {})).toEqual([['/dev/sda', '/dev/a', true, [1, 2]]])
  expect(names({}, { partitions: [{ number: 1 }, { number: 3 }] })).toEqual([
    ['/dev/sda', '/dev/a', undefined, [1, 3]],
  ])
  expect(() => names({}, { partitions: [{ number: 1, sizeMiB: 5 }] })).toThrow(
    '"/dev/a" and "/dev/b" of the config are the same disk, and ask for two different partitions 1',
  )
  expect(names({}, { wipeTable: true })).toEqual([['/dev/sda', '/dev/b', true, [2]]])
})

test('a table that is to be wiped is rehearsed on a new one', () => {
  expect(pretendOptions(requests([{ number: 1 }]), true)).toEqual([
    '--pretend',
    '--clear',
    '--mbrtogpt',
    '--new=1:0:+0',
    '--info=1',
  ])
})

const answer = (first: number, last: number) =>
  `Partition GUID code: X\nFirst sector: ${first} (at 1024.0 KiB)\nLast sector: ${last} (at 11.0 MiB)\nSize`

test('reads the answers in the order of the questions', () => {
  const asked = requests([{ number: 2 }, { number: 1, startMiB: 1, sizeMiB: 1 }, { number: 3 }])
  expect(parsePretence(asked, `Warning!\n${answer(10, 19)}\n${answer(20, 20)}\n`)).toEqual(
    new Map([
      [2, { start: 10, size: 10 }],
      [3, { start: 20, size: 1 }],
    ]),
  )
})

test.each([
  ['too few', answer(10, 19)],
  ['too many', [answer(1, 2), answer(3, 4), answer(5, 6)].join('\n')],
  ['the wrong way round', [answer(1, 2), answer(4, 3)].join('\n')],
  ['in another order', 'Last sector: 1 (x)\nFirst sector: 1 (x)\nFirst sector: 1 (x)\nLast sector: 1 (x)'],
])('an answer that is %s is none', (_what, output) => {
  expect(parsePretence(requests([{ number: 1 }, { number: 2 }]), output)).toBeUndefined()
})
