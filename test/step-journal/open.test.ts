import { describe, expect, test } from 'vitest'
import type { StepRecord } from '../../src/section.ts'
import type { StageName } from '../../src/stages.ts'
import { openStepJournal, type StepJournal } from '../../src/step-journal/open.ts'
import { createSysroot } from '../../src/system/sysroot.ts'
import { configOf } from '../helpers/config-of.ts'
import { type FakeOptions, type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'

const bootDevice = '/dev/disk/by-label/boot'
const mounted = '/run/firstlight/journal'
const onBoot = `${mounted}/firstlight.journal`
const inRoot = '/sysroot/etc/.firstlight-journal'

/** What is below the mount point is the boot partition, mounted or not. */
const machine = (files: FakeOptions['files'] = {}, cmdline = '') =>
  fakeSystem({
    programs: ({ program }) => (program === 'wipefs' ? { stdout: ext4 } : {}),
    files: { '/proc/cmdline': cmdline, '/sysroot/etc/hostname': 'x', ...files },
  })

const ext4 = '{"signatures": [{"type": "ext4", "usage": "filesystem", "uuid": "", "label": "boot"}]}'

const boot = { [bootDevice]: { block: new Uint8Array() }, [`${mounted}/ignition.firstboot`]: '' }

const config = configOf({ storage: { files: [{ path: '/f' }] } })

const open = (system: FakeSystem, stage: StageName = 'files') =>
  openStepJournal({ system, stage, config, sysroot: createSysroot(system.files, '/sysroot') })

const step = (...names: readonly string[]): StepRecord => ({
  section: 's',
  index: 0,
  description: 'd',
  about: undefined,
  claims: names.map((name) => ({ name })),
})

/** What the engine does with one whose stage has passed. */
const end = (journal: StepJournal | undefined) => {
  journal?.passed()
  journal?.finish()
}

const there = (system: FakeSystem) => [onBoot, inRoot].filter((path) => system.files.stat(path))

describe('a journal of steps', () => {
  test('tells the next run what was begun and what was ended', async () => {
    const system = machine()
    const first = await open(system)
    first?.watcher.planned?.([step('a'), step('b')])
    first?.watcher.ended?.(step('a'), { kind: 'done' })
    first?.watcher.ended?.(step('b'), { kind: 'failed', cause: undefined })
    first?.watcher.planned?.([step('c')])
    const second = await open(system)
    expect(['a', 'b', 'c', 'd'].map((name) => second?.earlier.look(name).kind)).toEqual([
      'ended',
      'begun',
      'begun',
      'none',
    ])
    expect(system.files.stat(inRoot)?.mode).toBe(0o600)
  })

  test('forgets what a step that failed has taken back', async () => {
    const system = machine()
    const record = { ...step(), claims: [{ name: 'a', isTakenBack: true }, { name: 'b' }] }
    const journal = await open(system)
    journal?.watcher.planned?.([record])
    journal?.watcher.ended?.(record, { kind: 'failed', cause: undefined })
    const { earlier } = (await open(system)) ?? {}
    expect([earlier?.look('a').kind, earlier?.look('b').kind]).toEqual(['none', 'begun'])
  })

  test('ends what needs the stage when that has passed, and what needs the boot never', async () => {
    const system = machine()
    const claims = [
      { name: 'file', until: 'stage' as const },
      { name: 'key', until: 'boot' as const },
    ]
    const record = { ...step(), claims }
    const first = await open(system)
    first?.watcher.planned?.([record])
    first?.watcher.ended?.(record, { kind: 'done' })
    first?.watcher.planned?.([])
    expect((await open(system))?.earlier.look('file').kind).toBe('begun')
    first?.passed()
    const second = await open(system)
    expect(second?.earlier.look('file').kind).toBe('ended')
    expect(second?.earlier.look('key').kind).toBe('begun')
    expect(second?.earlier.over).toBe('nothing')
  })

  test('is on the boot partition when the first-boot flag is there, and is mounted only for a moment', async () => {
    const system = machine(boot)
    const journal = await open(system, 'disks')
    journal?.watcher.planned?.([step('a')])
    expect(there(system)).toEqual([onBoot])
    expect(system.mounts.size).toBe(0)
  })

  test('leaves a boot partition alone that has no flag', async () => {
    const system = machine({ ...boot, [`${mounted}/ignition.firstboot`]: { link: 'nowhere' } })
    system.files.remove(`${mounted}/ignition.firstboot`)
    ;(await open(system))?.watcher.planned?.([step('a')])
    expect(there(system)).toEqual([inRoot])
  })

  test.each([
    ['off', [inRoot]],
    ['LABEL=other', [onBoot]],
    ['/dev/sda1', [onBoot]],
    ['nonsense', [inRoot]],
  ])('the kernel command line says where: %s', async (given, places) => {
    const system = machine(
      {
        ...boot,
        '/dev/disk/by-label/other': { block: new Uint8Array() },
        '/dev/sda1': { block: new Uint8Array() },
      },
      `quiet firstlight.journal=${given}`,
    )
    ;(await open(system))?.watcher.planned?.([step('a')])
    expect(there(system)).toEqual(places)
  })

  test('one that cannot be read or written is no reason to fail', async () => {
    const broken = machine(boot)
    const failing = {
      ...broken,
      mount() {
        throw Object.assign(new Error('EIO: i/o error, mount'), { code: 'EIO' })
      },
    }
    ;(await open(failing))?.watcher.planned?.([step('a')])
    expect(there(broken)).toEqual([inRoot])
    expect(broken.messages.filter(({ level }) => level === 'warning')).toHaveLength(1)
    const nowhere = machine({ [inRoot]: null })
    ;(await open(nowhere))?.watcher.planned?.([step('a')])
    expect(nowhere.messages.at(-1)?.message).toMatch(
      /^cannot write the journal of steps, .*; going on without it$/,
    )
  })

  test('goes when the last stage has passed after the files are written, and not before', async () => {
    const system = machine()
    const mount = await open(system, 'mount')
    mount?.claim([{ name: 'directory /srv', until: 'boot' }])
    end(mount)
    end(await open(system, 'umount'))
    expect(there(system)).toEqual([inRoot])
    end(await open(system, 'files'))
    expect(there(system)).toEqual([inRoot])
    end(await open(system, 'umount'))
    expect(there(system)).toEqual([])
  })

  test('goes with the stage that writes the files when that runs for itself', async () => {
    const system = machine()
    const journal = await open(system, 'files')
    journal?.watcher.planned?.([step('a')])
    expect(there(system)).toEqual([inRoot])
    journal?.passed()
    expect(journal?.since().over).toBe('everything')
    journal?.finish()
    expect(there(system)).toEqual([])
  })

  test('tells the last stage, and no other, whether the new root is written', async () => {
    const system = machine()
    const over = async (stage: StageName) => (await open(system, stage))?.earlier.over
    end(await open(system, 'mount'))
    expect(await over('umount')).toBe('nothing')
    end(await open(system, 'files'))
    expect(await over('umount')).toBe('everything')
    await open(system, 'mount')
    expect(await over('umount')).toBe('nothing')
  })

  test.each([
    ['on the boot partition knows the volumes when the files are written', boot, 'volumes'],
    ['in the new root is not found by the stage that makes volumes', {}, 'nothing'],
  ])('one %s', async (_, files, over) => {
    const system = machine(files)
    end(await open(system, 'mount'))
    const journal = await open(system, 'files')
    expect(journal?.earlier.over).toBe('nothing')
    journal?.passed()
    expect(journal?.since().over).toBe(over)
  })

  test('one that could not be written knows nothing', async () => {
    const system = machine(boot)
    end(await open(system, 'mount'))
    const journal = await open(system, 'files')
    system.mount = () => {
      throw Object.assign(new Error('EIO: i/o error, mount'), { code: 'EIO' })
    }
    journal?.watcher.planned?.([step('a')])
    journal?.passed()
    expect(journal?.since().over).toBe('nothing')
  })

  test.each([
    ['is finished where nobody takes the flag away with it', {}, 'none'],
    ['stays as it is for whoever does', { '/usr/libexec/firstlight-first-boot-complete': '' }, 'begun'],
  ])('on the boot partition it %s', async (_, files, kind) => {
    const system = machine({ ...boot, ...files })
    const record = { ...step(), claims: [{ name: 'key', until: 'boot' as const }] }
    const journal = await open(system, 'files')
    journal?.watcher.planned?.([record])
    end(journal)
    end(await open(system, 'umount'))
    expect((await open(system, 'disks'))?.earlier.look('key').kind).toBe(kind)
  })

  test('is not for configs that need none', async () => {
    const system = machine()
    const nothing = configOf({ systemd: { units: [{ name: 'a.service', enabled: true }] } })
    const sysroot = createSysroot(system.files, '/sysroot')
    expect(await openStepJournal({ system, stage: 'files', config: nothing, sysroot })).toBeUndefined()
  })
})
