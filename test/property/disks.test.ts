import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PartitionEntry } from '../../src/block/gpt.ts'
import { IgnitionError } from '../../src/errors.ts'
import { type DiskStep, planDisks } from '../../src/sections/disks/plan.ts'
import { requestsOf } from '../../src/sections/disks/request.ts'
import type { ConfigDisk, ConfigPartition } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'

const sectorsPerMiB = 2048
const linux = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
const labels = ['a', 'b', 'c', 'd', 'e', 'f']

const entry = (number: number, label: string): PartitionEntry => ({
  number,
  label,
  guid: `${String(number).repeat(8)}-0000-0000-0000-000000000000`,
  typeGuid: linux,
  start: number * 10 * sectorsPerMiB,
  size: 5 * sectorsPerMiB,
})

const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 })

const tables = numbers.map((chosen) => chosen.map((number) => entry(number, labels[number - 1] ?? '')))

/** Places on a grid, so that they never overlap: what fits is sgdisk's business. */
const partition = (number: number): fc.Arbitrary<Sketch<ConfigPartition>> =>
  fc.record(
    {
      number: fc.constant(number),
      label: fc.constantFrom(...labels),
      sizeMiB: fc.constantFrom(5, 8),
      startMiB: fc.constant(number * 10),
      shouldExist: fc.boolean(),
      wipePartitionEntry: fc.boolean(),
      resize: fc.boolean(),
    },
    { requiredKeys: ['number', 'sizeMiB', 'startMiB'] },
  )

const unnumbered: fc.Arbitrary<Sketch<ConfigPartition>> = fc
  .integer({ min: 1, max: 6 })
  .map((place) => ({ number: 0, label: `new${place}`, startMiB: place * 100, sizeMiB: 5 }))

const partitions = fc
  .tuple(
    numbers.chain((chosen) => fc.tuple(...chosen.map(partition))),
    fc.uniqueArray(unnumbered, { maxLength: 3, selector: ({ label }) => label }),
  )
  .map(([numbered, rest]) => [...rest, ...numbered])

function diskOf(sketches: readonly Sketch<ConfigPartition>[]): ConfigDisk {
  const [disk] = configOf({ storage: { disks: [{ device: '/dev/d', partitions: sketches }] } }).storage.disks
  if (!disk) throw new Error('no disk')
  return disk
}

function plan(disk: ConfigDisk, table: readonly PartitionEntry[]): DiskStep | undefined {
  const view = ({ number, start, size }: PartitionEntry) => [number, { start, size, use: undefined }] as const
  const [step] = planDisks([
    {
      disk,
      node: '/dev/sda',
      sectorBytes: 512,
      sizeSectors: 10_000_000,
      table: { kind: 'gpt', partitions: table },
      use: undefined,
      kernel: new Map(table.map(view)),
      pretence: { kind: 'resolved', dimensions: new Map() },
    },
  ])
  return step
}

/** The table after sgdisk worked off the options. */
function write(table: readonly PartitionEntry[], options: readonly string[]): readonly PartitionEntry[] {
  const entries = new Map(table.map((each) => [each.number, each]))
  for (const option of options) {
    const [, name, number = '', value = ''] = /^--([a-z-]+)=(\d+):?(.*)$/.exec(option) ?? []
    const at = Number(number)
    const [start = '0', size = '0'] = value.split(':')
    const before = entries.get(at) ?? entry(at, '')
    if (name === 'delete') entries.delete(at)
    if (name === 'new') {
      if (entries.has(at)) throw new Error(`partition ${at} is there already`)
      entries.set(at, { ...entry(at, ''), start: Number(start), size: Number(size) })
    }
    if (name === 'change-name') entries.set(at, { ...before, label: value })
    if (name === 'typecode') entries.set(at, { ...before, typeGuid: value })
    if (name === 'partition-guid') entries.set(at, { ...before, guid: value })
  }
  return [...entries.values()]
}

/** Undefined where the config and the table clash. */
function planned(disk: ConfigDisk, table: readonly PartitionEntry[]) {
  try {
    return { step: plan(disk, table) }
  } catch (error) {
    if (error instanceof IgnitionError) return undefined
    throw error
  }
}

test('what a plan writes needs no second plan', () => {
  fc.assert(
    fc.property(partitions, tables, (sketches, table) => {
      const disk = diskOf(sketches)
      const first = planned(disk, table)
      if (!first) return
      expect(plan(disk, write(table, first.step?.options ?? []))).toBeUndefined()
    }),
    { numRuns: 2000 },
  )
})

test('nothing that is there goes unless the config allows it', () => {
  fc.assert(
    fc.property(partitions, tables, (sketches, table) => {
      const careful = sketches.map((each) => ({ ...each, wipePartitionEntry: false, resize: false }))
      const options = planned(diskOf(careful), table)?.step?.options ?? []
      expect(options.filter((option) => option.startsWith('--delete'))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

test('every request has a slot of its own', () => {
  fc.assert(
    fc.property(partitions, tables, (sketches, table) => {
      const wanted = requestsOf(diskOf(sketches), table, 512).filter(
        ({ config }) => config.shouldExist !== false,
      )
      expect(new Set(wanted.map(({ number }) => number)).size).toBe(wanted.length)
    }),
    { numRuns: 2000 },
  )
})
