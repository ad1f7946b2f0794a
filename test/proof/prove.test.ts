import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { StageOptions } from '../../src/engine.ts'
import type { ConfigLuks } from '../../src/sections/luks/plan.ts'
import { type Config, type ConfigFile, emptyConfig } from '../../src/spec/config.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { programs } from '../../src/system/programs.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { type FakeOptions, type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'
import { runStageOf } from '../helpers/run-stage.ts'
import { failureOf } from '../helpers/stage.ts'

const staged = '/run/firstlight/staged'

type Programs = NonNullable<FakeOptions['programs']>

interface Machine extends Omit<FakeOptions, 'files'> {
  readonly config: Sketch<Config>
  readonly commandLine?: string
  readonly files?: NonNullable<FakeOptions['files']>
  readonly missing?: readonly string[]
}

/** A machine between the stage fetch and the stages after it, with all programs there are. */
function machine({ config, commandLine = 'quiet', missing = [], ...rest }: Machine): FakeSystem {
  const names = Object.values(programs).map(({ file }) => file)
  return fakeSystem({
    ...rest,
    environment: { PATH: '/bin', ...rest.environment },
    files: {
      '/proc/cmdline': commandLine,
      '/proc/meminfo': 'MemTotal:  9 kB\nMemAvailable:    1024 kB\n',
      '/proc/filesystems': 'nodev\ttmpfs\n\text4\n',
      '/sysroot/etc/hostname': '',
      '/run/ignition.json': serializeConfig({ ...emptyConfig, ...configOf(config) }),
      ...Object.fromEntries(
        names.filter((name) => !missing.includes(name)).map((name) => [`/bin/${name}`, '']),
      ),
      ...rest.files,
    },
  })
}

const run = (system: FakeSystem, stage: StageOptions['stage']) => runStageOf({ system, stage })

const said = ({ messages }: FakeSystem) => messages.map(({ message }) => message)
const commits = (system: FakeSystem) => said(system).filter((message) => message.includes('commit point:'))
const names = (system: FakeSystem) => (system.files.stat(staged) ? system.files.list(staged) : [])
const urls = (system: FakeSystem) => system.requests.map(({ url }) => new URL(url).pathname)

const url = 'http://127.0.0.1:1'
const fileFrom = (name: string, rest: object = {}) => ({
  path: `/${name}`,
  contents: { source: `${url}/${name}`, ...rest },
})
const sha256 = (text: string) => `sha256-${createHash('sha256').update(text).digest('hex')}`

describe('contents', () => {
  const answers: FakeOptions['server'] = ({ url: asked }) => ({ body: `this is ${new URL(asked).pathname}` })

  test('are fetched once, before anything is changed, and taken from there by the stage that wants them', async () => {
    const packed = gzipSync('unpacked')
    const files = [
      fileFrom('a', { verification: { hash: sha256('this is /a') } }),
      { ...fileFrom('b'), append: [{ source: `${url}/b` }, { source: 'data:,!' }] },
      fileFrom('c', { compression: 'gzip', verification: { hash: sha256('unpacked') } }),
    ]
    const system = machine({
      config: { storage: { files } },
      server: (request, attempt) =>
        request.url.endsWith('/c') ? { body: packed } : answers(request, attempt),
    })
    await run(system, 'disks')
    expect(urls(system).toSorted()).toEqual(['/a', '/b', '/c'])
    expect(names(system)).toHaveLength(3)
    expect(system.files.lstat(staged)?.mode).toBe(0o700)
    for (const name of names(system)) expect(system.files.lstat(`${staged}/${name}`)?.mode).toBe(0o600)
    expect(commits(system)).toEqual([
      'disks: proof: commit point: everything that can be known is proven, 3 resources staged (28 B), 0 unknown',
    ])
    expect(system.records).toEqual([
      expect.objectContaining({
        MESSAGE_ID: '7dcda4c0632345ad9506dae21f6c0be9',
        FIRSTLIGHT_STAGED: '3',
        FIRSTLIGHT_STAGED_BYTES: '28',
      }),
    ])
    await run(system, 'mount')
    await run(system, 'files')
    expect(system.requests).toHaveLength(3)
    expect(system.files.readText('/sysroot/a')).toBe('this is /a')
    expect(system.files.readText('/sysroot/b')).toBe('this is /bthis is /b!')
    expect(system.files.readText('/sysroot/c')).toBe('unpacked')
    expect(system.files.lstat(staged)).toBeUndefined()
  })

  test('are proven once in a boot for each config, and fetched as ever when nothing is staged', async () => {
    const system = machine({ config: { storage: { files: [fileFrom('a')] } }, server: answers })
    for (const stage of ['disks', 'files', 'disks', 'files'] as const)
      await run(system, stage).catch(() => undefined)
    expect(commits(system)).toHaveLength(1)
    expect(urls(system)).toEqual(['/a'])
    system.files.remove('/sysroot/a')
    await run(system, 'files')
    expect(urls(system)).toEqual(['/a', '/a'])
    const other = serializeConfig(configOf({ storage: { files: [fileFrom('b')] } }))
    system.files.write('/run/ignition.json', other, { mode: 0o600 })
    await run(system, 'disks')
    expect(commits(system)).toHaveLength(2)
  })

  test.each([
    [
      'a hash of contents in the config',
      { source: 'data:,x', verification: { hash: sha256('y') } },
      'FL_HASH_MISMATCH',
    ],
    ['compression of contents in the config', { source: 'data:,x', compression: 'gzip' }, 'FL_DECOMPRESS'],
    ['a server that has nothing', { source: `${url}/404` }, 'FL_FETCH'],
  ])('%s: nothing is kept', async (_, contents, code) => {
    const files = [fileFrom('a'), { path: '/x', contents }]
    const system = machine({
      config: { storage: { files } },
      server: (request, attempt) =>
        request.url.endsWith('/404') ? { status: 404 } : answers(request, attempt),
    })
    await expect(run(system, 'disks')).rejects.toMatchObject({ code, isBeforeChange: true })
    expect(names(system)).toEqual([])
    expect(commits(system)).toEqual([])
    expect(system.records.filter((record) => 'FIRSTLIGHT_STAGED' in record)).toEqual([])
    expect(system.files.stat('/run/firstlight/proof.json')).toBeUndefined()
  })

  test('what does not fit is begun, named, and fetched when it is wanted', async () => {
    const files = ['a', 'large', 'b'].map((name) => fileFrom(name))
    const config = { storage: { files } }
    const server: FakeOptions['server'] = (request, attempt) =>
      request.url.endsWith('/large')
        ? { body: Array.from({ length: 9 }, () => Buffer.alloc(1000, 'x')) }
        : answers(request, attempt)
    const system = machine({
      config,
      server,
      commandLine: 'firstlight.staging_limit=1k firstlight.staging_limit=8K',
    })
    await run(system, 'disks')
    expect(names(system)).toHaveLength(2)
    expect(said(system)).toContainEqual(
      expect.stringContaining(`unproven: ${url}/large does not fit into what may be staged (8 KiB)`),
    )
    expect(commits(system)[0]).toMatch(/2 resources staged .*, 1 unknown$/)
    expect(JSON.parse(system.files.readText('/run/firstlight/proof.json')).contents).toContainEqual({
      about: ['storage', 'files', 1, 'contents'],
      source: `${url}/large`,
      status: 'unproven',
    })
    await run(system, 'files')
    expect(urls(system).filter((path) => path === '/large')).toHaveLength(2)
    expect(system.files.readText('/sysroot/large')).toHaveLength(9000)
    const strict = machine({
      config,
      server,
      commandLine: 'firstlight.staging_limit=8K firstlight.staging_full=fail',
    })
    await expect(run(strict, 'disks')).rejects.toMatchObject({ code: 'FL_STAGING_FULL' })
    expect(names(strict)).toEqual([])
  })

  test('take a quarter of the free memory at most', async () => {
    const system = machine({ config: { storage: { files: [fileFrom('a')] } }, server: answers })
    await run(system, 'disks')
    expect(said(system)).toContainEqual(expect.stringContaining('256 KiB at most'))
  })

  test('a key of a volume that cannot be had is found out before its device is looked at', async () => {
    const luks = [{ name: 'data', device: '/dev/vda', keyFile: { source: `${url}/key` } }]
    const system = machine({ config: { storage: { luks } }, server: () => ({ status: 404 }) })
    await expect(run(system, 'disks')).rejects.toMatchObject({ code: 'FL_FETCH' })
    expect(system.runs.map(({ program }) => program)).toEqual(['modprobe'])
  })
})

describe('switches', () => {
  const config = { storage: { files: [fileFrom('a')] } }

  test.each(['off', '0', 'no'])('firstlight.proof=%s: the order of the reference', async (word) => {
    const system = machine({ config, commandLine: `firstlight.proof=${word}`, server: () => ({ body: 'x' }) })
    await run(system, 'disks')
    expect(system.requests).toEqual([])
    await run(system, 'files')
    expect(urls(system)).toEqual(['/a'])
    expect(commits(system)).toEqual([])
  })

  test('what is not understood is ignored, with a warning', async () => {
    const commandLine = 'firstlight.proof=perhaps firstlight.staging_limit=much firstlight.staging_full'
    const system = machine({ config, commandLine, server: () => ({ body: 'x' }) })
    await run(system, 'disks')
    expect(commits(system)).toHaveLength(1)
    expect(system.messages.filter(({ level }) => level === 'warning')).toHaveLength(3)
  })
})

describe('stages', () => {
  test('kernel arguments come after the proof, and it is not made again for the disks', async () => {
    const config = { kernelArguments: { shouldExist: ['a'] }, storage: { files: [fileFrom('a')] } }
    const system = machine({ config, server: () => ({ body: 'x' }) })
    await run(system, 'kargs')
    expect(system.runs.map(({ program }) => program)).toEqual(['ignition-kargs-helper'])
    const order = said(system)
    expect(order.findIndex((message) => message.includes('commit point'))).toBeLessThan(
      order.findIndex((message) => message.includes('updating kernel arguments')),
    )
    await run(system, 'disks')
    expect(urls(system)).toEqual(['/a'])
    const failing = machine({ config, server: () => ({ status: 404 }) })
    await expect(run(failing, 'kargs')).rejects.toMatchObject({ code: 'FL_FETCH' })
    expect(failing.runs).toEqual([])
  })

  test('without kernel arguments the stage kargs proves nothing', async () => {
    const system = machine({ config: { storage: { files: [fileFrom('a')] } } })
    await run(system, 'kargs')
    expect([system.requests, commits(system)]).toEqual([[], []])
  })
})

describe('before anything is changed', () => {
  const disk = { device: '/dev/vda', wipeTable: true, partitions: [{ number: 1 }] }
  const failing = async (storage: Sketch<Config['storage']>, rest: Partial<Machine> = {}) => {
    const system = machine({ config: { storage: { disks: [disk], ...storage } }, ...rest })
    const { code, message } = await failureOf(async () => run(system, 'disks'))
    expect(system.runs).toEqual([])
    return `${code}: ${message}`
  }

  test.each([
    ['mkfs.xfs', { filesystems: [{ device: '/dev/vda1', format: 'xfs', wipeFilesystem: true }] }],
    ['clevis-encrypt-tpm2', { luks: [{ device: '/dev/vda1', name: 'data', clevis: { tpm2: true } }] }],
    ['mdadm', { raid: [{ name: 'md', level: 'raid1', devices: ['/dev/vda1'] }] }],
    ['mount', { filesystems: [{ device: '/dev/vda1', format: 'ext4', path: '/data' }] }],
    ['sgdisk', {}],
  ])('%s is missed', async (program, storage) => {
    expect(await failing(storage, { missing: [program] })).toMatch(
      new RegExp(`^FL_PROGRAM_MISSING: .*"${program}".*nothing was changed`),
    )
  })

  test('accounts need one of two programs, the new root says which', async () => {
    const config = { passwd: { users: [{ name: 'core' }], groups: [{ name: 'gone', shouldExist: false }] } }
    const without = (...missing: string[]) => machine({ config, missing })
    await expect(run(without('useradd', 'usermod'), 'disks')).rejects.toThrow(
      /setting up users needs "useradd"/,
    )
    const system = without('useradd', 'groupadd', 'groupmod')
    await run(system, 'disks')
    expect(said(system)).toContainEqual(
      expect.stringContaining('unknown until then: whether useradd is needed'),
    )
  })

  test('a kernel that does not know a filesystem', async () => {
    const programs: FakeOptions['programs'] = ({ args }) => ({ exitCode: args.includes('fs-xfs') ? 1 : 0 })
    const config = (format: string) => ({
      storage: {
        filesystems: [
          { device: 'share', format: 'virtiofs', path: '/s' },
          { device: '/dev/vdb', format, path: '/x' },
        ],
      },
    })
    const system = machine({ config: config('xfs'), programs })
    await expect(run(system, 'disks')).rejects.toThrow('the kernel of the initramfs does not know xfs')
  })

  test('a kernel that does not know a RAID level; whether it has dm-crypt may be unknown', async () => {
    const knows =
      (...aliases: string[]): Programs =>
      ({ program, args }) => ({
        exitCode: program === 'modprobe' && !aliases.includes(args.at(-1) ?? '') ? 1 : 0,
      })
    const raid = [{ name: 'md', level: 'mirror', devices: ['/dev/disk/by-id/later'] }]
    const luks = [{ name: 'vault', device: '/dev/md/md' }]
    const looking = (programs: Programs, files: NonNullable<Machine['files']> = {}) =>
      machine({ config: { storage: { raid, luks } }, programs, files })
    await expect(run(looking(knows('dm-crypt')), 'disks')).rejects.toMatchObject({
      code: 'FL_UNSUPPORTED',
      message: expect.stringContaining('does not know raid1, for RAID array "md"'),
    })
    for (const fine of [
      looking(knows('md-raid1')),
      looking(knows(), { '/proc/mdstat': 'Personalities : [raid0] [raid1]\nunused devices: <none>\n' }),
    ]) {
      await run(fine, 'disks').catch(() => undefined)
      expect(said(fine)).toContainEqual(
        expect.stringMatching(/unknown until then: whether the kernel knows dm-crypt/),
      )
    }
    const loaded = looking(knows('md-raid1'), { '/sys/module/dm_crypt/refcnt': '0' })
    await run(loaded, 'disks').catch(() => undefined)
    expect(commits(loaded)[0]).toMatch(/, 0 unknown$/)
  })

  test('owners that will not be there', async () => {
    const file = (user: string, group = '') => ({ path: '/f', user: { name: user }, group: { name: group } })
    const passwd = { users: [{ name: 'core' }, { name: 'old', shouldExist: false }] }
    const owned = (node: Sketch<ConfigFile>, files: NonNullable<Machine['files']> = {}) =>
      machine({ config: { passwd, storage: { files: [node] } }, files })
    const mounted = {
      '/proc/self/mountinfo': '30 1 8:1 / /sysroot rw - ext4 /dev/vda1 rw\n',
      '/sysroot/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
      '/sysroot/etc/group': 'wheel:x:10:\n',
    }
    await expect(run(owned(file('old')), 'disks')).rejects.toThrow(
      /user "old", which the config itself removes/,
    )
    await expect(run(owned(file('nobody'), mounted), 'disks')).rejects.toThrow(
      /file "\/f" is to belong to user "nobody", which the new root does not have/,
    )
    const fine = owned(file('root', 'wheel'), mounted)
    await run(fine, 'disks')
    expect(commits(fine)[0]).toMatch(/, 0 unknown$/)
    const open = owned(file('core', 'wheel'))
    await run(open, 'disks')
    expect(said(open)).toContainEqual(
      expect.stringContaining('unknown until then: whether the new root has the group "wheel"'),
    )
    expect(JSON.parse(open.files.readText('/run/firstlight/proof.json')).unknown).toEqual([
      { about: ['storage', 'files', 0, 'group', 'name'], message: expect.any(String) },
    ])
  })

  test('groups of users that will not be there', async () => {
    const looking = (groups: string[], primaryGroup = '', files: NonNullable<Machine['files']> = {}) => {
      const users = [{ name: 'core', groups, primaryGroup }, { name: 'web' }]
      const passwd = { users, groups: [{ name: 'made' }, { name: 'old', shouldExist: false }] }
      return machine({ config: { passwd }, files })
    }
    const mounted = {
      '/proc/self/mountinfo': '30 1 8:1 / /sysroot rw - ext4 /dev/vda1 rw\n',
      '/sysroot/etc/group': 'wheel:x:10:\n',
    }
    await expect(run(looking(['made', 'old']), 'disks')).rejects.toThrow(
      /user "core" is to belong to group "old", which the config itself removes/,
    )
    await expect(run(looking([], 'nobodies', mounted), 'disks')).rejects.toMatchObject({
      code: 'FL_OWNER_UNKNOWN',
      about: ['passwd', 'users', 0, 'primaryGroup'],
    })
    const fine = looking(['made', 'web', 'wheel', '100'], '10', mounted)
    await run(fine, 'disks')
    expect(commits(fine)[0]).toMatch(/, 0 unknown$/)
    const open = looking(['wheel'])
    await run(open, 'disks')
    expect(commits(open)[0]).toMatch(/, 1 unknown$/)
  })

  test('a key or a tang server that does not answer', async () => {
    const failing = async (volume: Sketch<ConfigLuks>) => {
      const luks = [{ device: '/dev/disk/by-id/later', name: 'data', ...volume }]
      const system = machine({ config: { storage: { luks } }, server: () => ({ status: 403 }) })
      return failureOf(async () => run(system, 'disks'))
    }
    expect(await failing({ clevis: { tang: [{ url, thumbprint: 'x' }] } })).toMatchObject({
      code: 'FL_FETCH',
      message: expect.stringMatching(/^fetching tang advertisement for LUKS volume "data"/),
    })
    expect(await failing({ keyFile: { source: `${url}/key` } })).toMatchObject({
      code: 'FL_FETCH',
      message: expect.stringMatching(/\/key/),
    })
  })
})
