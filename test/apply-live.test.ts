import { describe, expect, test } from 'vitest'
import { type ApplyOptions, applyLive } from '../src/apply-live.ts'
import { type FakeOptions, fakeSystem } from './helpers/fake-system.ts'

const apply = async (config: unknown, more: Partial<ApplyOptions> & { machine?: FakeOptions } = {}) => {
  const system = fakeSystem({ files: { '/target/etc/hosts': '', ...more.machine?.files }, ...more.machine })
  const bytes = new TextEncoder().encode(typeof config === 'string' ? config : JSON.stringify(config))
  await applyLive({
    system,
    bytes,
    origin: 'test.ign',
    root: '/target',
    offline: false,
    ignoreUnsupported: false,
    ...more,
  })
  return system
}
const ignition = { version: '3.4.0' }
const withDirectory = { ignition, storage: { directories: [{ path: '/d', mode: 0o700 }] } }

test('files and units go below the root', async () => {
  const system = await apply({
    ...withDirectory,
    systemd: { units: [{ name: 'a.service', contents: '[Service]\nExecStart=/bin/true\n' }] },
  })
  expect(system.files.stat('/target/d')?.mode).toBe(0o700)
  expect(system.files.stat('/target/etc/systemd/system/a.service')?.type).toBe('file')
})

test('YAML is applied too', async () => {
  const system = await apply(
    'variant: fcos\nversion: 1.5.0\nstorage: {directories: [{path: /d, mode: 0711}]}\n',
  )
  expect(system.files.stat('/target/d')?.mode).toBe(0o711)
})

test('there is no result file', async () => {
  const system = await apply(withDirectory)
  expect(system.files.lstat('/target/etc/.ignition-result.json')).toBeUndefined()
})

describe('the host is never patched', () => {
  test.each(['/', '', '//'])('root %j', async (root) => {
    await expect(apply(withDirectory, { root })).rejects.toMatchObject({ code: 'FL_HOST_ROOT' })
  })

  test('nor under another name', async () => {
    const machine = { files: { '/target/x': '', '/again': { link: '/' } } }
    await expect(apply(withDirectory, { root: '/again', machine })).rejects.toMatchObject({
      code: 'FL_HOST_ROOT',
    })
  })

  test('a root that is not there is named', async () => {
    await expect(apply(withDirectory, { root: '/none' })).rejects.toThrow('the root "/none" does not exist')
  })

  test.each<[string, FakeOptions]>([
    ['the environment', { environment: { container: 'podman' } }],
    ['a file', { files: { '/run/.containerenv': '' } }],
  ])('a container is known by %s', async (_, machine) => {
    const system = await apply(withDirectory, { root: '/', machine })
    expect(system.files.stat('/d')?.type).toBe('directory')
  })
})

describe('what cannot be applied to a running system', () => {
  const cases = [
    ['kargs modifications', { ignition, kernelArguments: { shouldExist: ['a'] } }],
    ['disk modifications', { ignition, storage: { disks: [{ device: '/dev/x' }] } }],
    ['filesystems modifications', { ignition, storage: { filesystems: [{ device: '/dev/x' }] } }],
    ['passwd', { ignition, passwd: { users: [{ name: 'x' }] } }],
  ] as const

  test.each(cases)('%s: refused', async (what, config) => {
    await expect(apply(config)).rejects.toMatchObject({
      code: 'FL_NOT_LIVE',
      message: `cannot apply ${what} live`,
    })
  })

  test.each(cases)('%s: left out when asked to', async (what, config) => {
    const storage = { ...('storage' in config ? config.storage : {}), ...withDirectory.storage }
    const system = await apply({ ...config, storage }, { ignoreUnsupported: true })
    expect(system.files.stat('/target/d')?.type).toBe('directory')
    expect(system.runs).toEqual([])
    expect(system.messages).toContainEqual({
      level: 'warning',
      message: `cannot apply ${what} live; left out`,
    })
  })
})

test('offline, a remote file is refused before anything is written', async () => {
  const remote = {
    ...withDirectory,
    storage: {
      ...withDirectory.storage,
      files: [{ path: '/f', contents: { source: 'http://127.0.0.1:1/' } }],
    },
  }
  const system = fakeSystem({ files: { '/target/x': '' } })
  const bytes = new TextEncoder().encode(JSON.stringify(remote))
  const options = {
    system,
    bytes,
    origin: 'test.ign',
    root: '/target',
    offline: true,
    ignoreUnsupported: false,
  }
  await expect(applyLive(options)).rejects.toMatchObject({ code: 'FL_NEEDS_NETWORK' })
  expect(system.files.lstat('/target/d')).toBeUndefined()
})

test.each([
  ['nothing', '', 'is empty'],
  ['no JSON', '{', 'is not valid'],
])('%s is refused', async (_, config, message) => {
  await expect(apply(config)).rejects.toThrow(message)
})
