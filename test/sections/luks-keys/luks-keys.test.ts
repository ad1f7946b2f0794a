import { describe, expect, test } from 'vitest'
import { runSections } from '../../../src/run-sections.ts'
import { Secret } from '../../../src/secret.ts'
import type { EarlierWork } from '../../../src/section.ts'
import { luksKeys } from '../../../src/sections/luks-keys/index.ts'
import type { Config } from '../../../src/spec/config.ts'
import type { State } from '../../../src/state.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, planned, provision, type StageOptions, stage } from '../../helpers/stage.ts'

const setUp = (
  luks: Sketch<Config['storage']['luks']>,
  {
    tree = {},
    state = {},
    ...rest
  }: { tree?: NonNullable<FakeOptions['files']>; state?: Partial<State> } & Partial<StageOptions> = {},
) => {
  const system = fakeSystem({
    files: { '/sysroot/etc': null, ...tree },
    programs: ({ args }) => ({ stdout: `uuid-of-${args[1]}\n` }),
  })
  const context = stage({ system, config: { storage: { luks } }, state, ...rest })
  return { system, context, run: () => provision(context, luksKeys) }
}

const volume = { name: 'data', device: '/dev/sdb' }
const kept = { luksPersistKeyFiles: { data: new Secret('data:,secret') } }

describe('a volume', () => {
  test('with a key: key file and line, for root alone, and the state forgets the key', async () => {
    const { system, context } = setUp([volume], { state: kept })
    expect(await runSections(context, [luksKeys])).toEqual({ ...context.state, luksPersistKeyFiles: null })
    expect(system.files.readText('/sysroot/etc/luks/data')).toBe('secret')
    expect(system.files.lstat('/sysroot/etc/luks/data')?.mode).toBe(0o600)
    expect(system.files.lstat('/sysroot/etc/luks')?.mode).toBe(0o700)
    expect(system.files.readText('/sysroot/etc/crypttab')).toBe(
      'data UUID=uuid-of-/dev/sdb /etc/luks/data luks,x-initrd.attach\n',
    )
    expect(system.files.lstat('/sysroot/etc/crypttab')?.mode).toBe(0o600)
    expect([...context.written]).toEqual(['/sysroot/etc/luks', '/sysroot/etc/crypttab'])
    expect(await planned(context, luksKeys)).toEqual([])
    expect(JSON.stringify(system.messages)).not.toContain('secret')
  })

  test.each<[string, Sketch<Config['storage']['luks'][number]['clevis']>, string]>([
    ['the TPM', { tpm2: true }, 'luks,x-initrd.attach'],
    ['a threshold alone', { threshold: 2 }, 'luks,x-initrd.attach'],
    ['tang', { tang: [{ url: 'http://t' }] }, 'luks,_netdev,x-initrd.attach'],
    ['a custom pin', { custom: { pin: 'sss' } }, 'luks,x-initrd.attach'],
    [
      'a custom pin with network',
      { custom: { pin: 'sss', needsNetwork: true } },
      'luks,_netdev,x-initrd.attach',
    ],
  ])('unlocked by %s has no key file', async (_, clevis, options) => {
    const { system, run } = setUp([{ ...volume, clevis }])
    await run()
    expect(system.files.readText('/sysroot/etc/crypttab')).toBe(
      `data UUID=uuid-of-/dev/sdb none ${options}\n`,
    )
    expect(system.files.lstat('/sysroot/etc/luks')).toBeUndefined()
  })

  test('is asked for its UUID by the alias of the disks stage', async () => {
    const alias = '/run/ignition/dev_aliases/dev/sdb'
    const { system, run } = setUp([volume], { state: kept, tree: { [alias]: { link: '/dev/sdb' } } })
    await run()
    expect(system.runs.map(({ args }) => args)).toEqual([['luksUUID', alias]])
  })

  test('adds to a crypttab that is there', async () => {
    const { system, run } = setUp([volume], {
      state: kept,
      tree: { '/sysroot/etc/crypttab': 'swap /dev/sdc' },
    })
    await run()
    expect(system.files.readText('/sysroot/etc/crypttab').split('\n')[0]).toBe('swap /dev/sdc')
    expect(system.files.readText('/sysroot/etc/crypttab').split('\n')).toHaveLength(3)
  })

  test('whose key was lost', async () => {
    const { system, run } = setUp([volume])
    expect(await failureOf(run)).toMatchObject({
      code: 'FL_KEY_LOST',
      message: expect.stringContaining('"data"'),
    })
    expect(system.files.list('/sysroot/etc')).toEqual([])
  })

  test('that a run before has made too, with another UUID and key', async () => {
    const line = (uuid: string) => `data UUID=${uuid} /etc/luks/data luks,x-initrd.attach`
    const tree = {
      '/sysroot/etc/luks/data': 'old',
      '/sysroot/etc/crypttab': `swap /dev/sdc\n${line('0b5e-17')}\ndata2 UUID=0b /etc/luks/data2 luks\n`,
    }
    const { system, context, run } = setUp([volume], { state: kept, tree })
    await run()
    expect(system.files.readText('/sysroot/etc/luks/data')).toBe('secret')
    expect(system.files.readText('/sysroot/etc/crypttab')).toBe(
      `swap /dev/sdc\n${line('uuid-of-/dev/sdb')}\ndata2 UUID=0b /etc/luks/data2 luks\n`,
    )
    expect(await planned(context, luksKeys)).toEqual([])
  })

  test('that a run before has made with the UUID of the config and another key', async () => {
    const tree = {
      '/sysroot/etc/luks/data': 'old',
      '/sysroot/etc/crypttab': 'data UUID=uuid-of-/dev/sdb /etc/luks/data luks,x-initrd.attach\n',
    }
    const { system, run } = setUp([volume], { state: kept, tree })
    await run()
    expect(system.files.readText('/sysroot/etc/luks/data')).toBe('secret')
  })

  test('whose key file a run before has written, and no more', async () => {
    const earlier: EarlierWork = {
      look: (name) => (name === 'key file data' ? { kind: 'begun', before: undefined } : { kind: 'none' }),
      over: 'nothing',
    }
    const { system, run } = setUp([volume], {
      state: kept,
      tree: { '/sysroot/etc/luks/data': 'old' },
      earlier,
    })
    await run()
    expect(system.files.readText('/sysroot/etc/luks/data')).toBe('secret')
  })

  test('whose table is a link out of the root', async () => {
    const tree = { '/sysroot/etc/crypttab': { link: '/etc/crypttab' }, '/etc/crypttab': 'of the initramfs' }
    const { system, run } = setUp([volume], { state: kept, tree })
    expect((await failureOf(run)).message).toContain('a symlink is there, not a file')
    expect(system.files.readText('/etc/crypttab')).toBe('of the initramfs')
  })

  test('whose key file is there with another key', async () => {
    const { run } = setUp([volume], { state: kept, tree: { '/sysroot/etc/luks/data': 'other' } })
    const failure = await failureOf(run)
    expect(failure.code).toBe('FL_FILE_EXISTS')
    expect(failure.message).not.toContain('secret')
  })
})

test('volume keys for IBM adapters', async () => {
  const luksPersistVolumeKeyFiles = { 'ignition-luks-data.skey': new Secret('data:,sealed') }
  const { system, context, run } = setUp([], { state: { luksPersistVolumeKeyFiles } })
  await run()
  expect(system.files.readText('/sysroot/etc/zkey/repository/ignition-luks-data.skey')).toBe('sealed')
  expect(system.files.lstat('/sysroot/etc/zkey/repository/ignition-luks-data.skey')?.mode).toBe(0o600)
  expect(await planned(context, luksKeys)).toEqual([])
})

test('nothing of this live', async () => {
  const { system, run } = setUp([volume], { mode: 'live' })
  await run()
  expect(system.runs).toEqual([])
})
