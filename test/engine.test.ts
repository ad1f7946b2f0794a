import { describe, expect, test } from 'vitest'
import type { StageOptions } from '../src/engine.ts'
import type { IgnitionError } from '../src/errors.ts'
import { type FakeOptions, fakeSystem } from './helpers/fake-system.ts'
import { runStageOf } from './helpers/run-stage.ts'

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
) => runStageOf({ system, stage }, more)

const exists = (system: ReturnType<typeof machine>, path: string) => system.files.stat(path) !== undefined

describe('fetch-offline', () => {
  test('keeps the rendered config for the stages after it', async () => {
    const system = machine(config({ storage: { directories: [{ path: '/d' }] } }))
    const state = await run(system, 'fetch-offline')
    expect(JSON.parse(system.files.readText('/run/ignition.json'))).toMatchObject({
      ignition: { version: '3.7.0-experimental' },
      storage: { directories: [{ path: '/d' }] },
    })
    expect(system.files.stat('/run/ignition.json')?.mode).toBe(0o600)
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

describe('a failure names the line of the config', () => {
  const user = (parts: object) => JSON.stringify({ ignition: { version: '3.4.0' }, ...parts }, undefined, 2)
  const files = (...items: object[]) => user({ storage: { files: items } })
  const missing: FakeOptions['server'] = () => ({ status: 404 })

  /** Fetches the config and runs one more stage; the place that the failure of one of them names. */
  const failing = async (text: string, stage: StageOptions['stage'], more: FakeOptions = {}) => {
    const system = machine(text, {
      ...more,
      files: { '/sysroot/etc/x': '', ...more.files },
      environment: { FIRSTLIGHT_RUN_DIR: '/run', ...more.environment },
    })
    try {
      await run(system, 'fetch')
      await run(system, stage)
    } catch (error) {
      const { place, code } = error as IgnitionError
      if (place === undefined) throw error
      const source = place.source.replace('the file "/config.ign" (platform file)', 'file')
      return `${code} ${source}:${place.position.line} ${place.path.join('.')} ${place.text}`
    }
    throw new Error('it did not fail')
  }

  const remote = { path: '/f', contents: { source: 'http://127.0.0.1:1/f' } }
  test.each([
    [
      'a file that its server does not have',
      files({ path: '/a' }, remote),
      'FL_FETCH file:13 storage.files.1.contents.source "source": "http://127.0.0.1:1/f"',
    ],
    [
      'an owner that is not known',
      files({ path: '/a', user: { name: 'nobody' } }),
      'FL_OWNER_UNKNOWN file:10 storage.files.0.user.name "name": "nobody"',
    ],
    [
      'something in the way',
      files({ path: '/etc', contents: { source: 'data:,x' } }),
      'FL_FILE_EXISTS file:8 storage.files.0 "path": "/etc"',
    ],
    [
      'a unit that cannot be written',
      user({ systemd: { units: [{ name: 'a.service', contents: '[Unit]\n' }] } }),
      'FL_FILE file:8 systemd.units.0 "name": "a.service"',
    ],
  ])('%s', async (_, text, expected) => {
    const more = { server: missing, files: { '/sysroot/etc/systemd/system': '' } }
    expect(await failing(text, 'files', more)).toBe(expected)
  })

  test('of the config that was referred to', async () => {
    const parent = user({}).replace(
      '"version": "3.4.0"',
      '"version": "3.4.0", "config": {"merge": [{"source": "http://127.0.0.1:1/c?token=abc"}]}',
    )
    const server: FakeOptions['server'] = ({ url }) =>
      url.includes('/c?') ? { body: files(remote) } : { status: 404 }
    expect(await failing(parent, 'files', { server })).toBe(
      'FL_FETCH http://127.0.0.1:1/c?token=***:10 storage.files.0.contents.source "source": "http://127.0.0.1:1/f"',
    )
  })

  test('that refers to a config which is not there', async () => {
    const parent =
      '{"ignition":{"version":"3.4.0",\n"config":{"merge":[{\n"source":"http://127.0.0.1:1/c"}]}}}'
    expect(await failing(parent, 'files', { server: missing })).toBe(
      'FL_FETCH file:3 ignition.config.merge.0.source "source": "http://127.0.0.1:1/c"',
    )
  })

  test('that is not right', async () => {
    expect(await failing(files({ path: 'etc/x' }), 'files')).toBe(
      'FL_CONFIG_INVALID file:8 storage.files.0.path "path": "etc/x"',
    )
  })

  test('of a base config, which is read anew', async () => {
    const base = files(remote)
    const server: FakeOptions['server'] = missing
    expect(
      await failing(user({}), 'files', { server, files: { '/etc/ignition/base.d/10-x.ign': base } }),
    ).toMatch(/^FL_FETCH system config file "\/etc\/ignition\/base\.d\/10-x\.ign":10 storage\.files\.0/)
  })

  test('in YAML by its own words', async () => {
    const yaml = `variant: fcos
version: 1.5.0
storage:
  disks:
    - device: /dev/disk/by-id/none
      wipe_table: true
      partitions:
        - number: 1
          size_mib: 100
`
    expect(
      await failing(yaml, 'disks', {
        environment: { PATH: '/bin' },
        files: { '/bin/sgdisk': '', '/bin/partx': '', '/bin/wipefs': '' },
      }),
    ).toMatch(/^FL_DEVICE_MISSING file:5 storage\.disks\.0\.device device: \/dev\/disk\/by-id\/none$/)
  })

  test('and nothing else, when the lines were not kept', async () => {
    const system = machine(files({ path: '/etc', contents: { source: 'data:,x' } }), {
      files: { '/sysroot/etc/x': '' },
    })
    await run(system, 'fetch')
    expect(system.files.stat('/run/firstlight/sources.json')?.mode).toBe(0o600)
    system.files.write('/run/firstlight/sources.json', '{"shape":', { mode: 0o600 })
    await expect(run(system, 'files')).rejects.toMatchObject({ code: 'FL_FILE_EXISTS', place: undefined })
    expect(system.messages).toContainEqual({
      level: 'warning',
      message: expect.stringMatching(/^cannot read the lines of the config from ".*sources.json": /),
    })
  })
})
