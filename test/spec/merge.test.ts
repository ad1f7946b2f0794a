import { expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import type { Config } from '../../src/spec/config.ts'
import { emptyConfig } from '../../src/spec/config.ts'
import { mergeConfigs } from '../../src/spec/merge.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'

const merged = (parent: Sketch<Config>, child: Sketch<Config>) =>
  mergeConfigs(configOf(parent), configOf(child))

const files = (...items: Sketch<Config['storage']['files']>) => ({ storage: { files: items } })
const resource = (source: string, ...names: string[]) => ({
  source,
  httpHeaders: names.map((name) => ({ name, value: 'v' })),
})

test('a config over or below an empty one is itself', () => {
  const config = configOf(files({ path: '/a', mode: 1, contents: resource('data:,', 'A') }))
  expect(mergeConfigs(config, emptyConfig)).toEqual(config)
  expect(mergeConfigs(emptyConfig, config)).toEqual(config)
})

test('what the child sets counts, also false, 0 and nothing but quotes', () => {
  const { storage } = merged(
    files({ path: '/a', mode: 1, overwrite: true, contents: { source: 'data:,', compression: 'gzip' } }),
    files({ path: '/a', mode: 0, overwrite: false, contents: { compression: '' } }),
  )
  expect(storage.files).toMatchObject([
    { path: '/a', mode: 0, overwrite: false, contents: { source: new Secret('data:,'), compression: '' } },
  ])
})

test('items are replaced in place, new ones follow', () => {
  const { storage } = merged(
    files({ path: '/a' }, { path: '/b' }),
    files({ path: '/c' }, { path: '/a', mode: 1 }),
  )
  expect(storage.files.map(({ path, mode }) => [path, mode])).toEqual([
    ['/a', 1],
    ['/b', undefined],
    ['/c', undefined],
  ])
})

test('a path moves between files, directories and links without leaving anything behind', () => {
  const { storage } = merged(
    {
      storage: {
        files: [{ path: '/a', overwrite: true }, { path: '/b' }],
        links: [{ path: '/l', target: '/t' }],
      },
    },
    { storage: { links: [{ path: '/a', target: '/x' }], directories: [{ path: '/l' }] } },
  )
  expect(storage.files.map(({ path }) => path)).toEqual(['/b'])
  expect(storage.links).toMatchObject([{ path: '/a', target: '/x', overwrite: undefined }])
  expect(storage.directories.map(({ path }) => path)).toEqual(['/l'])
})

test('a kernel argument moves from one list to the other', () => {
  const { kernelArguments } = merged(
    { kernelArguments: { shouldExist: ['a', 'b'], shouldNotExist: ['c'] } },
    { kernelArguments: { shouldExist: ['c'], shouldNotExist: ['a'] } },
  )
  expect(kernelArguments).toEqual({ shouldExist: ['b', 'c'], shouldNotExist: ['a'] })
})

test('a header without a value removes the parent’s, and stays where there was none', () => {
  const { storage } = merged(
    files({ path: '/a', contents: resource('http://h', 'A', 'B') }, { path: '/b' }),
    files(
      { path: '/a', contents: { httpHeaders: [{ name: 'A' }, { name: 'b' }] } },
      { path: '/b', contents: { httpHeaders: [{ name: 'A' }] } },
    ),
  )
  expect(storage.files.map((file) => file.contents.httpHeaders.map(({ name }) => name))).toEqual([
    ['B', 'b'],
    ['A'],
  ])
})

test('some lists add up, others are sets', () => {
  const { storage, passwd } = merged(
    {
      storage: { raid: [{ name: 'r', options: ['o'], devices: ['/a'] }] },
      passwd: { users: [{ name: 'u', groups: ['g'] }] },
    },
    {
      storage: { raid: [{ name: 'r', options: ['o'], devices: ['/b', '/a'] }] },
      passwd: { users: [{ name: 'u', groups: ['h', 'g'] }] },
    },
  )
  expect(storage.raid).toMatchObject([{ options: ['o', 'o'], devices: ['/a', '/b'] }])
  expect(passwd.users[0]?.groups).toEqual(['g', 'h'])
})

test('partitions are known by number, or else by label', () => {
  const disk = (...partitions: Sketch<Config['storage']['disks'][number]['partitions']>) => ({
    storage: { disks: [{ device: '/a', partitions }] },
  })
  const { storage } = merged(
    disk({ number: 1, label: 'x', sizeMiB: 1 }, { label: 'l', sizeMiB: 2 }),
    disk({ number: 1, sizeMiB: 3 }, { label: 'l', sizeMiB: 4 }, { label: 'x' }),
  )
  expect(storage.disks[0]?.partitions.map(({ number, label, sizeMiB }) => [number, label, sizeMiB])).toEqual([
    [1, 'x', 3],
    [0, 'l', 4],
    [0, 'x', undefined],
  ])
})
