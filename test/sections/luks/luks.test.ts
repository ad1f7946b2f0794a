import { expect, test } from 'vitest'
import { createLuks } from '../../../src/sections/luks/index.ts'
import type { ConfigLuks } from '../../../src/sections/luks/plan.ts'
import { emptyState, type State } from '../../../src/state.ts'
import type { RunResult } from '../../../src/system/system.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem, type Run } from '../../helpers/fake-system.ts'
import { failureOf, provision, stage } from '../../helpers/stage.ts'

const installed = [
  'wipefs',
  'cryptsetup',
  'clevis',
  'clevis-luks-bind',
  'clevis-luks-unlock',
  'clevis-encrypt-sss',
  'clevis-encrypt-tpm2',
  'zkey',
  'zkey-cryptsetup',
]

/** A machine with a blank device; every program does what it is asked to. */
function machine(volume: Sketch<ConfigLuks>, rest: FakeOptions = {}, state: Partial<State> = {}) {
  const system = fakeSystem({
    environment: { PATH: '/bin', TMPDIR: '/tmp' },
    programs: blank,
    ...rest,
    files: {
      ...Object.fromEntries(installed.map((name) => [`/bin/${name}`, ''])),
      '/dev/sda': { block: new Uint8Array() },
      ...rest.files,
    },
  })
  const config = { storage: { luks: [{ name: 'v', device: '/dev/sda', ...volume }] } }
  return { system, context: stage({ system, config, state }) }
}

const blank = ({ program, args }: Run): Partial<RunResult> =>
  program === 'cryptsetup' && args[0] === 'isLuks' ? { exitCode: 1 } : {}

const changes = ({ system }: ReturnType<typeof machine>) =>
  system.runs
    .filter(({ args }) => args[0] !== 'isLuks' && args[0] !== '-J')
    .map(({ program, args }) =>
      `${program} ${args.join(' ')}`.replaceAll(/\/tmp\/ignition-luks-\d+\/key/g, 'KEY'),
    )

const alias = '/run/ignition/dev_aliases/dev/sda'

test('a key of the config is lent as a private file, and kept for the new root', async () => {
  let lent: unknown
  const made = machine(
    { keyFile: { source: 'data:,secret' } },
    {
      programs(run, files) {
        const path = run.args.find((argument) => argument.endsWith('/key'))
        if (path !== undefined) lent = { text: files.readText(path), mode: files.lstat(path)?.mode }
        return blank(run)
      },
    },
  )
  const section = createLuks()
  await provision(made.context, section)
  expect(lent).toEqual({ text: 'secret', mode: 0o600 })
  expect(made.system.files.list('/tmp')).toEqual([])
  expect(changes(made)).toEqual([
    `cryptsetup luksFormat --type luks2 --key-file KEY --subsystem firstlight-unfinished ${alias}`,
    `cryptsetup luksOpen ${alias} v --key-file KEY --persistent`,
  ])
  const state = section.remember?.({ ...made.context, state: emptyState })
  expect(state?.luksPersistKeyFiles?.['v']?.reveal()).toBe(
    `data:;base64,${Buffer.from('secret').toString('base64')}`,
  )
  expect(JSON.stringify(made.system.messages)).not.toContain('secret')
})

test('a generated key goes when clevis unlocks the volume, and its configuration is not shown', async () => {
  const made = machine({ clevis: { tpm2: true }, wipeVolume: true })
  const section = createLuks()
  await provision(made.context, section)
  expect(changes(made)).toEqual([
    `wipefs -a ${alias}`,
    `cryptsetup luksFormat --type luks2 --key-file KEY --subsystem firstlight-unfinished ${alias}`,
    `cryptsetup luksOpen ${alias} v --key-file KEY --persistent`,
    `clevis luks bind -f -k KEY -d ${alias} sss {"pins":{"tpm2":{}},"t":1}`,
    'cryptsetup luksClose v',
    `clevis luks unlock -d ${alias} -n v`,
    `cryptsetup luksRemoveKey ${alias} KEY`,
  ])
  const told = made.system.messages.map(({ message }) => message).join('\n')
  expect(told).toContain('"sss" "<secret>"')
  expect(told).not.toContain('pins')
  expect(section.remember?.(made.context).luksPersistKeyFiles).toEqual({})
})

test('a format that fails leaves no key behind, and a blank device', async () => {
  const made = machine(
    { keyFile: { source: 'data:,secret' } },
    { programs: (run) => (run.args[0] === 'luksFormat' ? { exitCode: 5 } : blank(run)) },
  )
  const failure = await failureOf(async () => provision(made.context, createLuks()))
  expect(failure).toMatchObject({
    code: 'FL_PROGRAM',
    message: expect.stringMatching(/^cannot make LUKS volume "v" on "\/dev\/sda": exit status 5/),
  })
  expect(made.system.files.list('/tmp')).toEqual([])
  expect(changes(made).at(-1)).toBe(`wipefs -a ${alias}`)
})

test('a secure key of a crypto adapter', async () => {
  const devices = '/sys/bus/ap/devices'
  const made = machine(
    { cex: { enabled: true } },
    {
      files: {
        '/etc/luks/cex.key': 'public',
        '/sys/ap/one/uevent': 'DEV_TYPE=000d\nMODE=cca\n',
        '/sys/ap/two/uevent': 'MODE=ep11\n',
        [`${devices}/04.0011`]: { link: '/sys/ap/one' },
        [`${devices}/05.0011`]: { link: '/sys/ap/two' },
        [`${devices}/06.0011/uevent`]: 'MODE=cca\n',
        [`${devices}/card04`]: { link: '/sys/ap/one' },
      },
      programs(run, files) {
        if (run.program !== 'zkey') return blank(run)
        for (const [suffix, text] of [
          ['info', 'about'],
          ['skey', 'x'.repeat(136)],
        ])
          files.write(`/etc/zkey/repository/ignition-luks-v.${suffix}`, text ?? '', { mode: 0o600 })
        return {}
      },
    },
  )
  const section = createLuks()
  await provision(made.context, section)
  const key = '/etc/zkey/repository/ignition-luks-v.skey'
  expect(changes(made)).toEqual([
    'zkey generate --name ignition-luks-v --key-type CCA-AESCIPHER --xts --description Secure Key for v Volume --apqns 04.0011',
    `cryptsetup luksFormat --type luks2 --key-file KEY --subsystem firstlight-unfinished --volume-key-file ${key} --cipher paes-xts-plain64 --key-size 1088 ${alias}`,
    `zkey-cryptsetup setvp ${alias} --key-file KEY`,
    `cryptsetup luksOpen ${alias} v --key-file KEY --persistent`,
  ])
  expect(made.system.files.lstat('/etc/zkey/repository')?.mode).toBe(0o700)
  const state = section.remember?.(made.context)
  expect(Object.keys(state?.luksPersistVolumeKeyFiles ?? {})).toEqual([
    'ignition-luks-v.info',
    'ignition-luks-v.skey',
  ])
  expect(Object.keys(state?.luksPersistKeyFiles ?? {})).toEqual(['v'])
})

test('what is missing is found before anything is made', async () => {
  const noDummy = machine({ cex: { enabled: true } })
  expect((await failureOf(async () => provision(noDummy.context, createLuks()))).message).toContain('cex.key')
  const noTang = machine({ clevis: { tang: [{ url: 'http://t' }] } })
  expect((await failureOf(async () => provision(noTang.context, createLuks()))).message).toContain(
    'clevis-encrypt-tang',
  )
  expect([...noDummy.system.runs, ...noTang.system.runs]).toEqual([])
})
