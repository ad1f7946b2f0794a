import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspectMachine } from '../../src/plan/inspect.ts'
import { machineShape } from '../../src/plan/machine.ts'
import { deviceAt, modelOf } from '../../src/plan/model.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import { misshapeOf } from '../../src/plan/shape.ts'
import type { MachinePlan } from '../../src/plan/shape-of-plan.ts'
import { holdsOf } from '../../src/plan/words.ts'
import { disks } from '../../src/sections/disks/index.ts'
import { filesystems } from '../../src/sections/filesystems/index.ts'
import { createLuks } from '../../src/sections/luks/index.ts'
import { raid } from '../../src/sections/raid/index.ts'
import type { Config } from '../../src/spec/config.ts'
import { createSystem } from '../../src/system/real.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { failure } from './failure.ts'
import { loopDisk, sh } from './loop.ts'
import { provision } from './provision.ts'

const system = createSystem({
  log: () => undefined,
  environment: {
    PATH: '/usr/sbin:/usr/bin',
    TMPDIR: '/run',
    IGNITION_KERNEL_CMDLINE_PATH: '/run/plan-cmdline',
  },
})

/** Only there the disks themselves are asked: elsewhere a plan is for a machine at rest. */
async function inInitramfs(work: () => Promise<void>): Promise<void> {
  sh('touch', '/etc/initrd-release')
  try {
    await work()
  } finally {
    sh('rm', '/etc/initrd-release')
  }
}

const inspect = async () => inspectMachine({ system, root: undefined })

const sum = (...devices: readonly string[]) => devices.map((device) => sh('sha256sum', device)).join()

/** An old disk of two partitions with filesystems, and a blank one with large sectors. */
function twoDisks() {
  const [old, blank] = [loopDisk({ sizeMiB: 128 }), loopDisk({ sizeMiB: 96, sectorBytes: 4096 })]
  const entry = (number: number, place: string, label: string) => [
    `--new=${number}:${place}`,
    `--change-name=${number}:${label}`,
  ]
  sh('sgdisk', ...entry(1, '2048:+20480', 'plan-keep'), ...entry(2, '0:+20480', 'plan-gone'), old)
  sh('udevadm', 'settle')
  sh('mkfs.ext4', '-q', '-L', 'kept', `${old}p1`)
  sh('mkfs.ext4', '-q', '-L', 'lost', `${old}p2`)
  sh('udevadm', 'trigger', '--settle', `${old}p1`, `${old}p2`)
  return { old, blank }
}

const storageOn = ({ old, blank }: ReturnType<typeof twoDisks>): Sketch<Config['storage']> => ({
  disks: [
    {
      device: old,
      partitions: [
        { number: 1, label: 'plan-keep' },
        { number: 2, shouldExist: false, wipePartitionEntry: true },
        { number: 0, label: 'plan-new', sizeMiB: 0 },
        { number: 5, label: 'plan-rest', sizeMiB: 40, typeGuid: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709' },
      ],
    },
    {
      device: blank,
      wipeTable: true,
      partitions: ['plan-left', 'plan-right'].map((label, index) => ({
        number: index + 1,
        label,
        sizeMiB: 40,
      })),
    },
  ],
  raid: [
    {
      name: 'planned',
      level: 'raid1',
      devices: ['/dev/disk/by-partlabel/plan-left', '/dev/disk/by-partlabel/plan-right'],
      options: ['--bitmap=none'],
    },
  ],
  luks: [
    {
      name: 'planned',
      device: '/dev/md/planned',
      keyFile: { source: 'data:,made%20up' },
      options: ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'],
    },
  ],
  filesystems: [
    { device: '/dev/disk/by-partlabel/plan-keep', format: 'ext4', label: 'kept' },
    { device: '/dev/disk/by-partlabel/plan-new', format: 'vfat', label: 'FRESH' },
    { device: '/dev/mapper/planned', format: 'ext4', label: 'deep' },
  ],
})

/** What a plan says that a disk will be, and what a machine is, in the same words. */
const predicted = ({ disks: pictures }: MachinePlan, path: string) =>
  pictures
    .find((each) => each.path === path)
    ?.after.filter(({ kind }) => kind === 'partition')
    .toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0))
    .map(({ number, label, typeGuid, start, size, holds }) => ({
      number,
      label,
      typeGuid,
      start,
      size,
      holds: holds.filter((each) => !each.startsWith('/dev/')),
    }))

async function found(path: string): Promise<ReturnType<typeof predicted>> {
  const model = modelOf(await inspect())
  return deviceAt(model, path)?.table?.partitions?.map(({ number, label, typeGuid, start, size }) => {
    const device = model.find(
      ({ partitionOf }) => partitionOf?.disk === path && partitionOf.number === number,
    )
    const holds = device ? holdsOf(model, device).filter((each) => !each.startsWith('/dev/')) : []
    return { number, label, typeGuid, start, size, holds }
  })
}

void test('what a plan says is what happens, and planning changes nothing', async () =>
  inInitramfs(planAndApply))

async function planAndApply(): Promise<void> {
  const pair = twoDisks()
  const storage = storageOn(pair)
  const config = configOf({ storage })
  const before = sum(pair.old, pair.blank)
  const machine = await inspect()
  assert.equal(misshapeOf(machineShape, machine), undefined)
  const desk = await planMachine({ system, config, machine: JSON.parse(JSON.stringify(machine)) })
  const own = await planMachine({ system, config })
  assert.equal(sum(pair.old, pair.blank), before)
  assert.deepEqual(desk.problems, [])
  // sgdisk's own rehearsal comes to the same, and the machine knows that the bytes of new partitions are blank
  assert.deepEqual({ ...own, unknowns: [] }, { ...desk, unknowns: [] })
  const open = ({ unknowns }: MachinePlan) => unknowns.map(({ subject }) => subject)
  assert.deepEqual(open(desk), ['/dev/md/planned', '/dev/disk/by-partlabel/plan-new'])
  assert.deepEqual(open(own), ['/dev/md/planned'])
  assert.deepEqual(
    desk.effects.filter(({ effect }) => effect === 'destroy').map(({ text }) => text),
    [`partition 2 "plan-gone" of "${pair.old}" (10 MiB at 11 MiB) with ext4 "lost"`],
  )
  await provision([disks, raid, createLuks(), filesystems], storage)
  const holdsRaid = (table: Awaited<ReturnType<typeof found>>) =>
    table?.map((each) => ({
      ...each,
      holds: each.holds.map((word) => word.replace(/^linux_raid_member .*/, 'raid')),
    }))
  for (const path of [pair.old, pair.blank])
    assert.deepEqual(holdsRaid(await found(path)), holdsRaid(predicted(desk, path)), path)
  const wiped = (storage.disks ?? []).map((disk) => ({ ...disk, wipeTable: false }))
  const again = await planMachine({ system, config: configOf({ storage: { ...storage, disks: wiped } }) })
  assert.deepEqual(again.problems, [])
  assert.deepEqual(
    again.effects.filter(
      ({ effect, section }) => effect !== 'keep' && section !== 'luks-keys' && section !== 'result',
    ),
    [],
  )
  sh('cryptsetup', 'luksClose', 'planned')
  sh('mdadm', '--stop', '/dev/md/planned')
}

void test('a boot with the hash of another plan changes nothing', async () => inInitramfs(refuseOthers))

async function refuseOthers(): Promise<void> {
  const { checkPlanHash } = await import('../../src/plan/check-plan-hash.ts')
  const { stage } = await import('../helpers/stage.ts')
  const device = loopDisk()
  const config = { storage: { disks: [{ device, partitions: [{ number: 1, label: 'hashed' }] }] } }
  const { hash } = await planMachine({ system, config: configOf(config) })
  const check = async () => checkPlanHash(stage({ system, config }))
  const argument = (text: string) => system.files.write('/run/plan-cmdline', text, { mode: 0o644 })
  argument('quiet')
  await check()
  argument(`quiet firstlight.plan_hash=${hash}`)
  await check()
  sh('sgdisk', '--new=1:2048:+2048', '--change-name=1:other', device)
  // what the stages after the first meet
  await check()
  sh('rm', '/run/firstlight/reviewed-plan')
  assert.match(
    await failure(check()),
    /^FL_PLAN_CHANGED: this is not the plan that was reviewed; nothing was changed. Different: partition tables/,
  )
  argument('firstlight.plan_hash=')
  assert.match(await failure(check()), /^FL_PLAN_CHANGED: "" is no hash of a plan/)
}
