import { describe, expect, test } from 'vitest'
import { passwd } from '../../../src/sections/passwd/index.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, planned, provision, type StageOptions, stage } from '../../helpers/stage.ts'

const core = 'core:x:500:501::/home/core:/bin/bash\n'
const config = { passwd: { users: [{ name: 'core', sshAuthorizedKeys: ['key one', 'key two'] }] } }

const setUp = (
  tree: NonNullable<FakeOptions['files']> = {},
  { environment = {}, ...rest }: Partial<StageOptions> & Pick<FakeOptions, 'environment'> = {},
) => {
  const system = fakeSystem({
    files: { '/sysroot/etc/passwd': core, '/sysroot/home/core': null, ...tree },
    environment,
  })
  const context = stage({ system, config, ...rest })
  return { system, context, run: () => provision(context, passwd) }
}

const fragment = '/sysroot/home/core/.ssh/authorized_keys.d/ignition'
const single = '/sysroot/home/core/.ssh/authorized_keys'

describe('SSH keys', () => {
  test('are a file of the user’s own in directories of the user’s own', async () => {
    const { system, context, run } = setUp()
    await run()
    expect(system.files.readText(fragment)).toBe('key one\nkey two\n')
    expect(system.files.lstat(fragment)).toMatchObject({ mode: 0o600, uid: 500, gid: 501 })
    expect(system.files.lstat('/sysroot/home/core/.ssh')).toMatchObject({ mode: 0o700, uid: 500, gid: 501 })
    expect(system.files.lstat('/sysroot/home/core')).toMatchObject({ mode: 0o755, uid: 0 })
    expect([...context.written]).toEqual(['/sysroot/home/core/.ssh'])
    expect(await planned(context, passwd)).toEqual([])
  })

  test('are told to the journal', async () => {
    const { system, run } = setUp()
    await run()
    expect(system.records).toEqual([
      {
        MESSAGE: 'wrote ssh authorized keys file for user: core',
        PRIORITY: '6',
        MESSAGE_ID: '225067b87bbd4a0cb6ab151f82fa364b',
        IGNITION_USER_NAME: 'core',
        IGNITION_PATH: fragment,
      },
    ])
  })

  test.each([
    ['true', fragment],
    ['1', fragment],
    ['', fragment],
    ['false', single],
    ['0', single],
  ])('IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT=%s', async (value, path) => {
    const { system, run } = setUp({}, { environment: { IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT: value } })
    await run()
    expect(system.files.readText(path)).toBe('key one\nkey two\n')
  })

  test('another value is an error before anything is done', async () => {
    const { system, run } = setUp({}, { environment: { IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT: 'yes' } })
    const { code, message } = await failureOf(run)
    expect(code).toBe('FL_USAGE')
    expect(message).toContain('IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT is "yes"')
    expect(system.runs).toEqual([])
  })

  test('of a user without a home yet make one, below a parent for everybody', async () => {
    const { system, context, run } = setUp({
      '/sysroot/etc/passwd': 'core:x:500:501::/var/home/core:/bin/sh\n',
    })
    await run()
    expect(system.files.lstat('/sysroot/var/home')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 })
    expect(system.files.lstat('/sysroot/var/home/core')).toMatchObject({ mode: 0o700, uid: 500, gid: 501 })
    expect([...context.written]).toEqual(['/sysroot/var'])
  })

  test('are written through links inside the root only', async () => {
    const { system, run } = setUp({
      '/sysroot/home/core/.ssh': { link: '/data/keys' },
      '/sysroot/data': null,
      '/data/keys': null,
    })
    system.files.chown('/sysroot/data', 500, 501)
    await run()
    expect(system.files.readText('/sysroot/data/keys/authorized_keys.d/ignition')).toBe('key one\nkey two\n')
    expect(system.files.lstat('/sysroot/data/keys')).toMatchObject({ uid: 500, mode: 0o700 })
    expect(system.files.list('/data/keys')).toEqual([])
  })

  test('are not written where the user could not, whatever a link in the home says', async () => {
    const units = '/sysroot/etc/systemd/system'
    const link = { link: '/etc/systemd/system/sshd.service.d' }
    const { system, run } = setUp({ '/sysroot/home/core/.ssh': link, [units]: null })
    expect(await failureOf(run)).toEqual({
      code: 'FL_PATH_ESCAPES',
      message:
        `cannot write SSH keys of user "core": a symbolic link below "/sysroot/home/core" leads to "${units}", ` +
        "which is not the user's",
    })
    expect(system.files.list(units)).toEqual([])
  })

  test('replace what is there', async () => {
    const { system, run } = setUp({ [fragment]: 'old key\n' })
    await run()
    expect(system.files.readText(fragment)).toBe('key one\nkey two\n')
  })

  test('of a user whose account did not come into being', async () => {
    const { run } = setUp({ '/sysroot/etc/passwd': '' })
    expect(await failureOf(run)).toMatchObject({
      code: 'FL_OWNER_UNKNOWN',
      message: expect.stringContaining('"core"'),
    })
  })

  test('of a user who gets a home directory now', async () => {
    const system = fakeSystem({
      files: { '/sysroot/etc/passwd': 'core:x:500:501:::\n' },
      programs: (_, files) => {
        files.write('/sysroot/etc/passwd', core, { mode: 0o644 })
        return {}
      },
    })
    const users = [{ name: 'core', homeDir: '/home/core', sshAuthorizedKeys: ['key one', 'key two'] }]
    await provision(stage({ system, config: { passwd: { users } } }), passwd)
    expect(system.files.readText(fragment)).toBe('key one\nkey two\n')
  })

  test('of a user without a home directory', async () => {
    const { run } = setUp({ '/sysroot/etc/passwd': 'core:x:500:501:::\n' })
    expect((await failureOf(run)).message).toContain('has no home directory; set homeDir')
  })
})

describe('directories that the mount stage made', () => {
  test('at or below the home become the user’s', async () => {
    const tree = { '/sysroot/home/core/data/deep': null, '/sysroot/home/corean': null }
    const notatedDirectories = ['/home', '/home/core', '/home/core/data', '/home/corean', '/gone']
    const { system, context, run } = setUp(tree, { state: { notatedDirectories } })
    await run()
    const owners = ['', '/core', '/core/data', '/core/data/deep', '/corean'].map((path) => {
      const { uid, gid, mode } = system.files.lstat(`/sysroot/home${path}`) ?? {}
      return `${uid}:${gid} ${mode?.toString(8)}`
    })
    expect(owners).toEqual(['0:0 755', '500:501 700', '500:501 700', '0:0 755', '0:0 755'])
    expect(await planned(context, passwd)).toEqual([])
  })

  test('are found through the links of the root', async () => {
    const { system, run } = setUp(
      {
        '/sysroot/etc/passwd': 'core:x:500:501::/home/core:/bin/sh\n',
        '/sysroot/home/core': { link: '/var/home/core' },
        '/sysroot/var/home/core': null,
      },
      { state: { notatedDirectories: ['/var/home/core'] } },
    )
    await run()
    expect(system.files.lstat('/sysroot/var/home/core')).toMatchObject({ uid: 500, mode: 0o700 })
  })

  test('are nobody’s when the home is the root', async () => {
    const { system, run } = setUp(
      { '/sysroot/etc/passwd': 'core:x:500:501::/:/bin/sh\n', '/sysroot/var': null },
      { state: { notatedDirectories: ['/var'] } },
    )
    await run()
    expect(system.files.lstat('/sysroot/var')).toMatchObject({ uid: 0, mode: 0o755 })
  })
})

describe('live', () => {
  test('accounts are an error', async () => {
    const { run } = setUp({}, { mode: 'live' })
    expect(await failureOf(run)).toMatchObject({
      code: 'FL_UNSUPPORTED',
      message: expect.stringMatching(/^cannot apply passwd live/),
    })
  })

  test('or left out when that is asked for', async () => {
    const { system, run } = setUp({}, { mode: 'live', ignoreUnsupported: true })
    await run()
    expect([system.runs, system.messages]).toEqual([[], []])
  })
})
