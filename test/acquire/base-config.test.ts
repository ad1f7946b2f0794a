import { expect, test } from 'vitest'
import { readBaseConfig } from '../../src/acquire/base-config.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'

const config = (...paths: string[]) =>
  JSON.stringify({
    ignition: { version: '3.4.0' },
    storage: { directories: paths.map((path) => ({ path })) },
  })

const read = async (files: NonNullable<FakeOptions['files']>) => {
  const system = fakeSystem({ files })
  return {
    system,
    paths: (await readBaseConfig(system, 'qemu'))?.config.storage.directories.map(({ path }) => path),
  }
}

test('no directories, no base config', async () => {
  expect((await read({})).paths).toBeUndefined()
})

test('fragments merge in byte order of their names, whatever their directory', async () => {
  const { paths } = await read({
    '/usr/lib/ignition/base.d/20-b.ign': config('/b'),
    '/run/ignition/base.d/30-c.ign': config('/c'),
    '/etc/ignition/base.d/10-a': config('/a'),
    '/etc/ignition/base.d/B': config('/B'),
  })
  expect(paths).toEqual(['/a', '/b', '/c', '/B'])
})

test('the platform comes after, and only the own one', async () => {
  const { paths } = await read({
    '/usr/lib/ignition/base.d/99': config('/base'),
    '/usr/lib/ignition/base.platform.d/qemu/00': config('/qemu'),
    '/usr/lib/ignition/base.platform.d/aws/00': config('/aws'),
  })
  expect(paths).toEqual(['/base', '/qemu'])
})

test('a name in a directory of higher priority hides the same name below', async () => {
  const { paths } = await read({
    '/usr/lib/ignition/base.d/x': config('/vendor'),
    '/etc/ignition/base.d/x': config('/local'),
    '/run/ignition/base.d/x': config('/runtime'),
  })
  expect(paths).toEqual(['/runtime'])
})

test.each([
  ['an invalid file', '{', 'is not valid'],
  ['an empty file', '', 'is empty'],
])('%s in base.d is fatal and named', async (_, content, message) => {
  await expect(read({ '/etc/ignition/base.d/README': content })).rejects.toThrow(
    expect.objectContaining({ message: expect.stringMatching(`base.d/README.*${message}`) }),
  )
})

test('a directory in base.d is fatal', async () => {
  await expect(read({ '/etc/ignition/base.d/sub/x': config('/a') })).rejects.toThrow(
    'cannot read the system config file "/etc/ignition/base.d/sub"',
  )
})

test('an error in the platform’s directory sets that directory aside', async () => {
  const { paths, system } = await read({
    '/etc/ignition/base.d/a': config('/a'),
    '/etc/ignition/base.platform.d/qemu/b': config('/b'),
    '/etc/ignition/base.platform.d/qemu/c': '{',
  })
  expect(paths).toEqual(['/a'])
  expect(system.messages.some(({ message }) => message.startsWith('ignoring system base configs'))).toBe(true)
})

test('a dangling link is left out with a warning', async () => {
  const { paths, system } = await read({
    '/etc/ignition/base.d/a': config('/a'),
    '/etc/ignition/base.d/b': { link: '/nowhere' },
  })
  expect(paths).toEqual(['/a'])
  expect(system.messages.filter(({ level }) => level === 'warning')).toHaveLength(1)
})
