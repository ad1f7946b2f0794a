import { describe, expect, test } from 'vitest'
import { runStage, type StageOptions } from '../src/engine.ts'
import { emptyState } from '../src/state.ts'
import { type FakeOptions, fakeSystem } from './helpers/fake-system.ts'

const EMPTY_CACHE =
  '{"ignition":{"config":{"replace":{"verification":{}}},"proxy":{},"security":{"tls":{}},"timeouts":{},"version":"3.7.0-experimental"},"kernelArguments":{},"passwd":{},"storage":{},"systemd":{}}'

const config = (rest: object = {}, ignition: object = {}) =>
  JSON.stringify({ ignition: { version: '3.4.0', ...ignition }, ...rest })
const fileFrom = (source: string) => ({ storage: { files: [{ path: '/f', contents: { source } }] } })

const machine = (user: string | undefined, more: FakeOptions = {}) =>
  fakeSystem({
    ...more,
    environment: { IGNITION_CONFIG_FILE: '/config.ign', ...more.environment },
    files: {
      '/proc/cmdline': 'quiet',
      '/run/x': '',
      ...(user === undefined ? {} : { '/config.ign': user }),
      ...more.files,
    },
  })

const run = (
  system: ReturnType<typeof machine>,
  stage: StageOptions['stage'],
  more: Partial<StageOptions> = {},
) =>
  runStage({
    system,
    stage,
    platform: 'file',
    root: '/sysroot',
    cachePath: '/run/ignition.json',
    needNetworkPath: '/run/ignition/neednet',
    fetchTimeoutSeconds: 1,
    state: emptyState,
    ...more,
  })

const exists = (system: ReturnType<typeof machine>, path: string) => system.files.stat(path) !== undefined

describe('fetch-offline', () => {
  test('keeps the rendered config for the stages after it', async () => {
    const system = machine(config({ storage: { directories: [{ path: '/d' }] } }))
    const state = await run(system, 'fetch-offline')
    expect(JSON.parse(system.files.readText('/run/ignition.json'))).toMatchObject({
      ignition: { version: '3.7.0-experimental' },
      storage: { directories: [{ path: '/d' }] },
    })
    expect(system.files.stat('/run/ignition.json')?.mode).toBe(0o640)
    expect(exists(system, '/run/ignition/neednet')).toBe(false)
    expect(state.fetchedConfigs).toEqual([
      { kind: 'base', source: 'system', referenced: false },
      { kind: 'user', source: 'file', referenced: false },
    ])
    expect(system.messages.at(-1)?.message).toBe('fetch-offline: fetch-offline passed')
  })

  test('no config: the cache has the empty one, and nobody gave it', async () => {
    const system = machine('')
    const state = await run(system, 'fetch-offline')
    expect(system.files.readText('/run/ignition.json')).toBe(EMPTY_CACHE)
    expect(state.fetchedConfigs.map(({ kind }) => kind)).toEqual(['base'])
  })

  test('a remote file asks for the network, and the config is kept', async () => {
    const system = machine(config(fileFrom('http://127.0.0.1:1/f')))
    await run(system, 'fetch-offline')
    expect(exists(system, '/run/ignition.json')).toBe(true)
    expect(exists(system, '/run/ignition/neednet')).toBe(true)
    expect(system.requests).toEqual([])
  })

  test.each([
    ['a remote merge', config({}, { config: { merge: [{ source: 'http://127.0.0.1:1/c' }] } })],
    ['a remote replacement', config({}, { config: { replace: { source: 'http://127.0.0.1:1/c' } } })],
    [
      'a remote certificate authority',
      config({}, { security: { tls: { certificateAuthorities: [{ source: 'http://127.0.0.1:1/ca' }] } } }),
    ],
  ])('%s asks for the network, and nothing is kept', async (_, user) => {
    const system = machine(user)
    await run(system, 'fetch-offline')
    expect(exists(system, '/run/ignition.json')).toBe(false)
    expect(exists(system, '/run/ignition/neednet')).toBe(true)
    expect(system.requests).toEqual([])
  })

  test.each([
    ['an invalid config', '{"ignition": {"version": "3.4.0"},\n "storage": 1}', 'line 2 col'],
    ['a broken one', '{', 'is not valid'],
    ['a version that nobody knows', '{"ignition": {"version": "9.9.0"}}', 'version'],
  ])('%s fails and keeps nothing', async (_, user, message) => {
    const system = machine(user)
    await expect(run(system, 'fetch-offline')).rejects.toThrow(message)
    expect(exists(system, '/run/ignition.json')).toBe(false)
  })
})

describe('references', () => {
  const server: FakeOptions['server'] = ({ url }) =>
    url.endsWith('/empty')
      ? { body: '' }
      : { body: config({ storage: { directories: [{ path: '/merged' }] } }) }

  test('a merged config takes part and is remembered by the path of its URL', async () => {
    const user = config(
      { storage: { directories: [{ path: '/own' }] } },
      { config: { merge: [{ source: 'http://127.0.0.1:1/c' }] } },
    )
    const system = machine(user, { server })
    const state = await run(system, 'fetch')
    const cached = JSON.parse(system.files.readText('/run/ignition.json'))
    expect(cached.storage.directories.map(({ path }: { path: string }) => path)).toEqual(['/own', '/merged'])
    expect(state.fetchedConfigs.at(-1)).toEqual({ kind: 'user', source: '/c', referenced: true })
    expect(system.records.map((record) => record['MESSAGE'])).toEqual([
      'fetched base config from "system"',
      'fetched user config from "file"',
      'fetched referenced user config from "/c"',
    ])
  })

  test('a replacement stands for everything', async () => {
    const user = config(
      { storage: { directories: [{ path: '/own' }] } },
      { config: { replace: { source: 'http://127.0.0.1:1/c' } } },
    )
    const system = machine(user, { server })
    await run(system, 'fetch')
    const cached = JSON.parse(system.files.readText('/run/ignition.json'))
    expect(cached.storage.directories).toEqual([{ group: {}, path: '/merged', user: {} }])
  })

  test('an empty referenced config changes nothing, with a warning', async () => {
    const user = config(
      { storage: { directories: [{ path: '/own' }] } },
      { config: { merge: [{ source: 'http://127.0.0.1:1/empty' }] } },
    )
    const system = machine(user, { server })
    await run(system, 'fetch')
    expect(JSON.parse(system.files.readText('/run/ignition.json')).storage.directories).toHaveLength(1)
    expect(system.messages.filter(({ level }) => level === 'warning')).toHaveLength(1)
  })

  test('a config that refers to itself ends with an error', async () => {
    const itself = config({}, { config: { merge: [{ source: 'http://127.0.0.1:1/c' }] } })
    const system = machine(itself, { server: () => ({ body: itself }) })
    await expect(run(system, 'fetch')).rejects.toThrow('nest deeper than 32 levels')
  })

  test('a merge that makes an invalid config is refused', async () => {
    const user = config(
      { storage: { files: [{ path: '/a', user: { id: 1 } }] } },
      { config: { merge: [{ source: 'http://127.0.0.1:1/c' }] } },
    )
    const child = config({ storage: { files: [{ path: '/a', user: { name: 'x' } }] } })
    const system = machine(user, { server: () => ({ body: child }) })
    await expect(run(system, 'fetch')).rejects.toThrow('merging configs resulted in an invalid config')
  })
})

describe('later stages', () => {
  const cached = (rest: object) => JSON.stringify({ ...JSON.parse(EMPTY_CACHE), ...rest })

  test('without the cache there is nothing to do but fail', async () => {
    await expect(run(machine(undefined), 'disks')).rejects.toThrow(
      'cannot read the config cache "/run/ignition.json"',
    )
  })

  test.each(['kargs', 'disks', 'mount', 'umount'] as const)(
    '%s has nothing to do for an empty config',
    async (stage) => {
      const system = machine(undefined, { files: { '/run/ignition.json': EMPTY_CACHE } })
      await run(system, stage)
      expect(system.runs).toEqual([])
      expect(system.messages.at(-1)?.message).toBe(`${stage}: ${stage} passed`)
    },
  )

  test.each([
    ['kargs', 'FL_PROGRAM_MISSING', { kernelArguments: { shouldExist: ['a'] } }],
    ['disks', 'FL_PROGRAM_MISSING', { storage: { disks: [{ device: '/dev/x' }] } }],
    [
      'disks',
      'FL_PROGRAM_MISSING',
      { storage: { raid: [{ name: 'x', level: 'raid1', devices: ['/dev/x'] }] } },
    ],
    ['disks', 'FL_PROGRAM_MISSING', { storage: { filesystems: [{ device: '/dev/x', format: 'ext4' }] } }],
    [
      'mount',
      'FL_DEVICE_MISSING',
      { storage: { filesystems: [{ device: '/dev/x', format: 'ext4', path: '/x' }] } },
    ],
  ] as const)('%s ends with %s before anything is changed: %j', async (stage, code, rest) => {
    const system = machine(undefined, { files: { '/run/ignition.json': cached(rest) } })
    await expect(run(system, stage)).rejects.toMatchObject({ code })
    expect(system.runs).toEqual([])
  })

  test('base configs are read anew and merged below the user’s', async () => {
    const system = machine(undefined, {
      files: {
        '/sysroot/etc/x': '',
        '/run/ignition.json': cached({ storage: { directories: [{ path: '/user' }] } }),
        '/etc/ignition/base.d/a': config({ storage: { directories: [{ path: '/base' }] } }),
      },
    })
    const flushed: string[] = []
    const { files } = system
    const watched = { ...system, files: { ...files, sync: (path: string) => void flushed.push(path) } }
    await run(watched, 'files')
    expect(flushed).toEqual(['/sysroot'])
    expect(exists(system, '/sysroot/base') && exists(system, '/sysroot/user')).toBe(true)
  })

  test('a config that took part in two stages is remembered once', async () => {
    const system = machine(undefined, { files: { '/run/ignition.json': EMPTY_CACHE } })
    const first = await run(system, 'disks')
    const second = await run(system, 'mount', { state: first })
    expect(second.fetchedConfigs).toEqual([{ kind: 'base', source: 'system', referenced: false }])
  })
})

describe('YAML', () => {
  const yaml = (path: string, rest = '') =>
    `variant: fcos\nversion: 1.5.0\nstorage: {directories: [{path: ${path}, mode: 0700}]}\n${rest}`
  const merging = (child: string) =>
    `ignition: {config: {merge: [{source: "data:,${encodeURIComponent(child)}"}]}}\n`

  test('is taken from the user, from base configs and from configs referred to', async () => {
    const system = machine(yaml('/user', merging(yaml('/child'))), {
      files: { '/etc/ignition/base.d/a.bu': yaml('/base') },
    })
    await run(system, 'fetch-offline')
    expect(JSON.parse(system.files.readText('/run/ignition.json'))).toMatchObject({
      storage: { directories: [{ path: '/user', mode: 0o700 }, { path: '/child' }] },
    })
    const later = machine(undefined, {
      files: {
        '/sysroot/etc/x': '',
        '/run/ignition.json': system.files.readText('/run/ignition.json'),
        '/etc/ignition/base.d/a.bu': yaml('/base'),
      },
    })
    await run(later, 'files')
    for (const path of ['/base', '/user', '/child']) expect(exists(later, `/sysroot${path}`)).toBe(true)
  })

  test('that is wrong is told at its own line', async () => {
    const system = machine(yaml('etc'))
    await expect(run(system, 'fetch-offline')).rejects.toMatchObject({ code: 'FL_CONFIG_INVALID' })
    expect(system.messages.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^error at \$\.storage\.directories\.0\.path, line 3 col 32: /),
    )
  })
})
