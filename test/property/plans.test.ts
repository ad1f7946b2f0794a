import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PartitionEntry } from '../../src/block/gpt.ts'
import type { Machine, MachineDevice } from '../../src/plan/machine.ts'
import { inLink, type Model, modelOf, partitionPath } from '../../src/plan/model.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import { planStorage } from '../../src/plan/storage.ts'
import type { Config, ConfigPartition } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const sectorsPerMiB = 2048
const sizeMiB = 256
const labels = ['a', 'b c', 'd', 'e/f']

const entry = (slot: number, label: string): PartitionEntry => ({
  number: slot,
  label,
  guid: `${String(slot).repeat(8)}-0000-0000-0000-000000000000`,
  typeGuid: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  start: (1 + (slot - 1) * 30) * sectorsPerMiB,
  size: 20 * sectorsPerMiB,
})

const contents = fc.constantFrom<MachineDevice['signatures']>(
  [],
  [{ type: 'ext4', usage: 'filesystem', uuid: 'u', label: 'old' }],
  [{ type: 'xfs', usage: 'filesystem', uuid: 'u', label: '' }],
)

const diskWith = (path: string, partitions: readonly PartitionEntry[], isBlank: boolean): MachineDevice => ({
  path,
  links: [`/dev/disk/by-id/${path.slice(5)}`],
  kind: 'disk',
  sizeBytes: sizeMiB * 1024 * 1024,
  sectorBytes: 512,
  builtOn: [],
  signatures: [],
  table: isBlank ? { kind: 'blank' } : { kind: 'gpt', partitions },
})

const partitionDevice = (
  path: string,
  { number, label, size }: PartitionEntry,
  signatures: MachineDevice['signatures'],
): MachineDevice => ({
  path: partitionPath(path, number),
  links: [`/dev/disk/by-partlabel/${inLink(label)}`],
  kind: 'partition',
  sizeBytes: size * 512,
  sectorBytes: 512,
  partitionOf: { disk: path, number },
  builtOn: [],
  ...(signatures && { signatures }),
})

const devices = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...labels), contents), {
      maxLength: 4,
      selector: ([slot]) => slot,
    }),
    fc.boolean(),
  )
  .map(([slots, isBlank]) => {
    const entries = isBlank ? [] : slots.map(([slot, label]) => entry(slot, label))
    return [
      diskWith('/dev/sda', entries, isBlank),
      ...entries.map((each, index) => partitionDevice('/dev/sda', each, slots[index]?.[2])),
    ]
  })

const machineWith = (all: readonly MachineDevice[]): Machine => ({
  version: 1,
  where: 'initramfs',
  architecture: 'x64',
  memoryBytes: 0,
  kernelArguments: [],
  programs: [],
  devices: all,
  mounts: [],
  unseen: [],
})

const partition: fc.Arbitrary<Sketch<ConfigPartition>> = fc.record(
  {
    number: fc.integer({ min: 0, max: 6 }),
    label: fc.constantFrom(...labels),
    sizeMiB: fc.constantFrom(5, 20, 25),
    startMiB: fc.constantFrom(1, 31, 200),
    shouldExist: fc.constantFrom(true, true, true, false),
    wipePartitionEntry: fc.boolean(),
    resize: fc.boolean(),
  },
  { requiredKeys: ['number', 'label', 'sizeMiB'] },
)

const configs = fc
  .tuple(
    fc.uniqueArray(partition, { maxLength: 4, selector: ({ label }) => label }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([drawn, wipeTable, wipeFilesystem]) => {
    // two entries for one number are no config
    const partitions = drawn.filter(
      ({ number }, index) => number === 0 || drawn.findIndex((each) => each.number === number) === index,
    )
    const filesystems = partitions
      .filter(({ shouldExist }) => shouldExist !== false)
      .slice(0, 2)
      .map(({ label = '' }, index) => ({
        device: `/dev/disk/by-partlabel/${inLink(label)}`,
        format: index === 0 ? 'ext4' : 'vfat',
        wipeFilesystem: wipeFilesystem && index === 0,
      }))
    return configOf({
      storage: { disks: [{ device: '/dev/disk/by-id/sda', wipeTable, partitions }], filesystems },
    })
  })

/** The machine after a run: what was hidden has turned out to be blank, and what was drawn is drawn. */
const machineAfter = (model: Model): Machine =>
  machineWith(
    model.map(({ isMade: _made, isDormant: _dormant, hidden: _hidden, ...device }) => ({
      ...device,
      signatures: device.signatures ?? [],
    })),
  )

/** As for a config that may run again: wiping is for once. */
const careful = ({ storage, ...rest }: Config): Config => ({
  ...rest,
  storage: {
    ...storage,
    disks: storage.disks.map((disk) => ({ ...disk, wipeTable: false })),
    filesystems: storage.filesystems.map((each) => ({ ...each, wipeFilesystem: false })),
  },
})

test('what was applied is kept: a second plan destroys and makes nothing', () => {
  let applied = 0
  fc.assert(
    fc.property(devices, configs, (all, config) => {
      const first = planStorage(modelOf(machineWith(all)), config)
      fc.pre(first.problems.length === 0)
      applied += 1
      const again = planStorage(modelOf(machineAfter(first.after)), careful(config))
      expect(again.problems).toEqual([])
      expect(again.effects.filter(({ effect }) => effect !== 'keep')).toEqual([])
    }),
    { numRuns: 600 },
  )
  expect(applied).toBeGreaterThan(100)
})

test('the same question has the same answer, in whatever order the devices are described', async () => {
  const system = fakeSystem()
  await fc.assert(
    fc.asyncProperty(devices, configs, async (all, config) => {
      const plan = async (described: readonly MachineDevice[]) =>
        planMachine({ system, config, machine: machineWith(described) })
      const one = await plan(all)
      expect(await plan(all)).toEqual(one)
      expect((await plan(all.toReversed())).hash).toBe(one.hash)
    }),
    { numRuns: 200 },
  )
})

test('what a plan keeps it does not destroy, and what it destroys was there', () => {
  fc.assert(
    fc.property(devices, configs, (all, config) => {
      const { before, after, effects, problems } = planStorage(modelOf(machineWith(all)), config)
      const [old, next] = [before, after].map(
        (model) => model.find(({ path }) => path === '/dev/sda')?.table?.partitions ?? [],
      )
      const kept = old?.filter((each) => next?.includes(each)) ?? []
      const destroyed = effects.filter(
        ({ effect, text }) => effect === 'destroy' && text.startsWith('partition '),
      )
      const resized = effects.filter(({ effect, section }) => effect === 'change' && section === 'disks')
      if (problems.some(({ section }) => section === 'disks')) expect(destroyed).toEqual([])
      else expect(kept.length + destroyed.length + resized.length).toBe(old?.length)
    }),
    { numRuns: 600 },
  )
})
