import { describe, expect, test } from 'vitest'
import { raid } from '../../../src/sections/raid/index.ts'
import { observeArray } from '../../../src/sections/raid/observe.ts'
import type { Files } from '../../../src/system/system.ts'
import { type FakeOptions, fakeSystem, type Run } from '../../helpers/fake-system.ts'
import { failureOf, provision, stage } from '../../helpers/stage.ts'

const [left, right, label] = ['/dev/sda1', '/dev/sdb1', '/dev/disk/by-partlabel/right']

const block = { block: new Uint8Array() }

const sysfs = '/sys/class/block'

/** Two halves of a mirror, which udev has started with the left one alone. */
const half: NonNullable<FakeOptions['files']> = {
  [left]: block,
  [right]: block,
  [label]: { link: right },
  '/dev/md127': block,
  '/dev/md/pair': { link: '/dev/md127' },
  [`${sysfs}/sda1/dev`]: '8:1\n',
  [`${sysfs}/sda1/holders/md127`]: '',
  [`${sysfs}/sdb1/dev`]: '8:17\n',
  [`${sysfs}/md127/dev`]: '9:127\n',
  [`${sysfs}/md127/slaves/sda1`]: '',
  [`${sysfs}/md127/holders`]: null,
  [`${sysfs}/md127/md/level`]: 'raid1\n',
  [`${sysfs}/md127/md/raid_disks`]: '2\n',
  [`${sysfs}/md127/md/array_state`]: 'read-auto\n',
  '/run/udev/control': '',
  '/run/udev/data/b8:1': '',
  '/run/udev/data/b8:17': '',
  '/run/udev/data/b9:127': '',
  '/proc/self/mountinfo': '',
  '/sbin/mdadm': '',
  '/sbin/wipefs': '',
}

const superblock = ({ args }: Run, states: Readonly<Record<string, string>>) => {
  const node = args.at(-1) ?? ''
  if (args.includes('--export'))
    return { stdout: 'MD_LEVEL=raid1\nMD_DEVICES=2\nMD_NAME=any:pair\nMD_UUID=1:2\n' }
  return {
    stdout: `   Device Role : Active device ${node === left ? 0 : 1}\n   Array State : ${states[node] ?? 'AA'} ('A' == active)\n`,
  }
}

interface Machine {
  readonly files?: FakeOptions['files']
  readonly states?: Readonly<Record<string, string>>
  /** Devices that the array has when mdadm has started it. Default: both. */
  readonly started?: readonly string[]
  readonly settle?: (files: Files) => void
}

function machine({ files = {}, states = {}, started = ['sda1', 'sdb1'], settle }: Machine = {}) {
  const system = fakeSystem({
    environment: { PATH: '/sbin' },
    files: { ...half, ...files },
    programs(run, all) {
      if (run.program === 'udevadm') settle?.(all)
      if (run.args[0] === '--examine') return superblock(run, states)
      if (run.args[0] === '--stop') {
        all.remove(`${sysfs}/md127/slaves/sda1`)
        all.remove(`${sysfs}/sda1/holders/md127`)
      }
      if (run.args[0] === '--assemble')
        for (const name of started) all.write(`${sysfs}/md127/slaves/${name}`, '', { mode: 0o444 })
      return {}
    },
  })
  const config = { storage: { raid: [{ name: 'pair', level: 'raid1', devices: [left, label] }] } }
  const changes = () =>
    system.runs
      .filter(({ program, args }) => program === 'mdadm' && args[0] !== '--examine')
      .map(({ args }) => args.join(' ').replaceAll('/run/ignition/dev_aliases', ''))
  return { system, context: stage({ system, config }), changes }
}

const again = [`--stop /dev/md127`, `--assemble /dev/md/pair --run ${left} ${label}`]

describe('a mirror that udev has started with one half', () => {
  test('is started with both', async () => {
    const { context, changes } = machine()
    await provision(context, raid)
    expect(changes()).toEqual(again)
  })

  test('is looked at again when the other half is gone for a moment, as it is after sgdisk has looked', async () => {
    const { context } = machine({ settle: (files) => files.symlink(right, label) })
    const { files } = context.system
    files.remove(label)
    const [array] = context.config.storage.raid
    const facts = array && (await observeArray(context, array))
    expect(facts?.members.map(({ node }) => node)).toEqual([left, right])
    expect(facts?.stored?.level).toBe('raid1')
    expect(facts?.remains).toEqual(['/dev/md127'])
  })

  test('and whose link udev has not made yet, or which is not active', async () => {
    for (const files of [{ '/dev/md/pair': block }, { [`${sysfs}/md127/md/array_state`]: 'inactive\n' }]) {
      const { context, changes } = machine({ files })
      await provision(context, raid)
      expect(changes()).toEqual(again)
    }
  })

  test('takes the other half back when that has nothing of its own', async () => {
    const { context, changes } = machine({ states: { [left]: 'A.' }, started: ['sda1'] })
    await provision(context, raid)
    expect(changes()).toEqual([...again, `--manage /dev/md/pair --add ${right}`])
  })

  test('is left as it is when both halves have been written to alone', async () => {
    const { context, changes } = machine({ states: { [left]: 'A.', [right]: '.A' } })
    const { code, message } = await failureOf(async () => provision(context, raid))
    expect(code).toBe('FL_DEVICE_OCCUPIED')
    expect(message).toContain('"/dev/sda1" and "/dev/sdb1" have each been written to without the other')
    expect(changes()).toEqual([])
  })

  test('is left as it is when it is in use, or a partition on it', async () => {
    const uses: readonly (readonly [string, NonNullable<FakeOptions['files']>])[] = [
      ['"/dev/md127" is held by "/dev/dm-0"', { [`${sysfs}/md127/holders/dm-0`]: '' }],
      [
        '"/dev/md127p1" is held by "/dev/dm-0"',
        {
          [`${sysfs}/md127/md127p1/partition`]: '1\n',
          [`${sysfs}/md127/md127p1/start`]: '0\n',
          [`${sysfs}/md127/md127p1/size`]: '8\n',
          [`${sysfs}/md127p1/dev`]: '259:1\n',
          [`${sysfs}/md127p1/holders/dm-0`]: '',
        },
      ],
    ]
    for (const [words, files] of uses) {
      const { context, changes } = machine({ files })
      const { code, message } = await failureOf(async () => provision(context, raid))
      expect([code, changes()]).toEqual(['FL_DEVICE_BUSY', []])
      expect(message).toContain(words)
    }
  })

  test('is no business of a config whose array is another', async () => {
    const { context, changes } = machine({ files: { [`${sysfs}/md127/slaves/sdc1`]: '' } })
    const { code } = await failureOf(async () => provision(context, raid))
    expect([code, changes()]).toEqual(['FL_DEVICE_OCCUPIED', []])
  })
})
