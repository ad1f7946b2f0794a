import { expect, test } from 'vitest'
import { disks } from '../../../src/sections/disks/index.ts'
import type { ConfigDisk } from '../../../src/spec/config.ts'
import type { Files, RunResult } from '../../../src/system/system.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem, type Run } from '../../helpers/fake-system.ts'
import { failureOf, provision, stage } from '../../helpers/stage.ts'

const sectors = 131072
const sysfs = '/sys/class/block'

/** A blank disk; `answer` sees every program that the section starts. */
function machine(
  disk: Sketch<ConfigDisk>,
  answer: (run: Run, files: Files) => Partial<RunResult> | undefined,
  files: NonNullable<FakeOptions['files']> = {},
) {
  const system = fakeSystem({
    environment: { PATH: '/bin' },
    files: {
      '/bin/sgdisk': '',
      '/bin/partx': '',
      '/bin/wipefs': '',
      '/dev/sda': { block: new Uint8Array(1024) },
      [`${sysfs}/sda/dev`]: '8:0',
      [`${sysfs}/sda/size`]: String(sectors),
      [`${sysfs}/sda/queue/logical_block_size`]: '512',
      ...files,
    },
    programs: (run, all) => answer(run, all) ?? {},
  })
  return {
    system,
    context: stage({ system, config: { storage: { disks: [{ device: '/dev/sda', ...disk }] } } }),
  }
}

const partition = { number: 1, startMiB: 1, sizeMiB: 2 }

/** Puts a partition where the kernel would show it. */
function show(files: Files, { start, size }: { start: number; size: number }): void {
  const path = `${sysfs}/sda/sda1`
  if (!files.stat(path)) files.makeDirectory(path, { mode: 0o755 })
  for (const [name, value] of Object.entries({ partition: 1, start, size }))
    files.write(`${path}/${name}`, String(value), { mode: 0o444 })
}

const started = ({ system }: ReturnType<typeof machine>) =>
  system.runs
    .filter(({ args }) => args[0] !== '--pretend' && args[0] !== '-J')
    .map(({ program, args }) => [program, ...args].join(' '))

const alias = '/run/ignition/dev_aliases/dev/sda'

test('a wipe that fails once is tried again, and nothing of it is critical', async () => {
  let zaps = 0
  const made = machine({ wipeTable: true, partitions: [partition] }, ({ args }, files) => {
    if (args[0] === '--zap-all') zaps += 1
    if (args[0]?.startsWith('--new')) show(files, { start: 2048, size: 4096 })
    return { exitCode: args[0] === '--zap-all' && zaps === 1 ? 2 : 0 }
  })
  await provision(made.context, disks)
  expect(started(made)).toEqual([
    `sgdisk --zap-all ${alias}`,
    `sgdisk --zap-all ${alias}`,
    `sgdisk --new=1:2048:+4096 ${alias}`,
  ])
  expect(made.system.messages.filter(({ level }) => level === 'crit')).toEqual([])
})

test('a table that sgdisk cannot even rehearse to replace is wiped, then rehearsed', async () => {
  let isWiped = false
  const made = machine({ wipeTable: true, partitions: [partition] }, ({ args }, files) => {
    if (args[0] === '--zap-all') isWiped = true
    if (args[0] === '--pretend' && !isWiped) return { exitCode: 2, stderr: 'Invalid partition data!' }
    if (args[0]?.startsWith('--new')) show(files, { start: 2048, size: 4096 })
    return {}
  })
  await provision(made.context, disks)
  expect(started(made)).toEqual([`sgdisk --zap-all ${alias}`, `sgdisk --new=1:2048:+4096 ${alias}`])
  const small = machine({ wipeTable: true, partitions: [partition] }, ({ args }) =>
    args[0] === '--pretend' ? { exitCode: 4, stderr: 'Could not create partition 1 from 2048 to 6143' } : {},
  )
  expect((await failureOf(async () => provision(small.context, disks))).code).toBe('FL_PARTITION_FIT')
  expect(started(small)).toEqual([])
})

test('the kernel is told until it follows: first where it is wrong, then where it is behind', async () => {
  let told = 0
  const made = machine({ partitions: [partition] }, ({ program, args }, files) => {
    if (args[0]?.startsWith('--new')) show(files, { start: 2048, size: 64 })
    if (program !== 'partx') return {}
    told += 1
    if (told === 2) files.remove(`${sysfs}/sda/sda1`)
    if (told === 3) show(files, { start: 2048, size: 4096 })
    return { exitCode: told < 3 ? 1 : 0, stderr: 'busy' }
  })
  await provision(made.context, disks)
  expect(started(made).slice(1)).toEqual([
    'partx --update --nr 1 /dev/sda',
    'partx --update --nr 1 /dev/sda',
    'partx --add --nr 1 /dev/sda',
  ])
  expect(made.system.messages.filter(({ level }) => level === 'notice')).toHaveLength(2)
})

test('a kernel that never follows', async () => {
  const made = machine({ partitions: [partition] }, () => ({}))
  expect(await failureOf(async () => provision(made.context, disks))).toEqual({
    code: 'FL_KERNEL_TABLE',
    message: 'the table of "/dev/sda" is written, but the kernel does not follow: partition 1 is missing',
  })
  expect(made.system.slept.reduce((sum, each) => sum + each, 0)).toBe(10_000)
})

test('partitions of a multipath device are devices of the device mapper', async () => {
  let table = '0 4096 linear 253:0 2048'
  const made = machine(
    { partitions: [partition] },
    ({ program, args }) => {
      if (args[0]?.startsWith('--new')) table = '0 4096 linear 253:0 2048'
      return program === 'dmsetup' ? { stdout: `${table}\n` } : {}
    },
    {
      [`${sysfs}/sda/dm/name`]: 'mpatha',
      [`${sysfs}/sda/holders/dm-1`]: null,
      '/dev/disk/by-id/dm-name-mpathap1': { link: '/dev/dm-1' },
      '/dev/disk/by-id/dm-name-mpathapart': { link: '/dev/dm-2' },
      '/dev/dm-1': { block: new Uint8Array() },
    },
  )
  table = '0 64 linear 253:0 2048'
  await provision(made.context, disks)
  expect(started(made).filter((command) => !command.startsWith('dmsetup'))).toEqual([
    `sgdisk --new=1:2048:+4096 ${alias}`,
  ])
})

test('a rehearsal that is not understood', async () => {
  const made = machine({ partitions: [{ number: 1 }] }, ({ program }) =>
    program === 'sgdisk' ? { stdout: 'what?' } : {},
  )
  const failure = await failureOf(async () => provision(made.context, disks))
  expect(failure.message).toBe('sgdisk had unexpected output about "/dev/sda": "what?"')
  expect(started(made)).toEqual([])
})
