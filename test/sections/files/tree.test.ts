import { describe, expect, test } from 'vitest'
import { files } from '../../../src/sections/files/index.ts'
import type { Config } from '../../../src/spec/config.ts'
import type { Sketch } from '../../helpers/config-of.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, planned, provision, type StageOptions, stage } from '../../helpers/stage.ts'

type Storage = Sketch<Config['storage']>

const setUp = (
  tree: NonNullable<FakeOptions['files']>,
  storage: Storage,
  rest: Partial<StageOptions> = {},
) => {
  const system = fakeSystem({ files: tree })
  const context = stage({ system, config: { storage }, ...rest })
  const text = (path: string) => system.files.readText(path)
  const mode = (path: string) => system.files.lstat(path)?.mode.toString(8)
  return { system, context, text, mode, run: () => provision(context, files) }
}

describe('directories, files and links', () => {
  const storage: Storage = {
    directories: [{ path: '/opt/app', mode: 0o750, user: { id: 7 }, group: { id: 8 } }],
    files: [
      { path: '/opt/app/bin/run', contents: { source: 'data:,go' }, mode: 0o4755, user: { name: 'core' } },
      { path: '/etc/empty' },
      { path: '/etc/remote', contents: { source: 'http://host/x' }, append: [{ source: 'data:,%20end' }] },
    ],
    links: [
      { path: '/etc/alias', target: 'empty', user: { id: 3 } },
      { path: '/etc/plain', target: '/nowhere' },
      { path: '/opt/twin', target: '/opt/app/bin/run', hard: true },
    ],
  }
  const tree = { '/sysroot/etc/passwd': 'core:x:500:500::/:/bin/sh\n' }
  const resources = { 'http://host/x': ['be', 'gin'] }

  test('are made as asked for', async () => {
    const { system, text, mode, run } = setUp(tree, storage, { resources })
    await run()
    expect([
      text('/sysroot/opt/app/bin/run'),
      text('/sysroot/etc/empty'),
      text('/sysroot/etc/remote'),
    ]).toEqual(['go', '', 'begin end'])
    expect(
      ['/opt', '/opt/app', '/opt/app/bin', '/opt/app/bin/run', '/etc/empty'].map((path) =>
        mode(`/sysroot${path}`),
      ),
    ).toEqual(['755', '750', '755', '4755', '644'])
    expect(system.files.lstat('/sysroot/opt/app')).toMatchObject({ uid: 7, gid: 8 })
    expect(system.files.lstat('/sysroot/opt/app/bin')).toMatchObject({ uid: 0, gid: 0 })
    expect(system.files.lstat('/sysroot/opt/app/bin/run')).toMatchObject({ uid: 500, gid: 0 })
    expect(system.files.readlink('/sysroot/etc/alias')).toBe('empty')
    expect(system.files.lstat('/sysroot/etc/alias')).toMatchObject({ uid: 3, gid: 0 })
    expect(system.files.lstat('/sysroot/etc/plain')).toMatchObject({ type: 'symlink', uid: 0, gid: 0 })
    expect(system.files.lstat('/sysroot/opt/twin')?.inode).toBe(
      system.files.lstat('/sysroot/opt/app/bin/run')?.inode,
    )
  })

  test('mark the topmost of what they made for relabelling', async () => {
    const { context, run } = setUp(tree, storage, { resources })
    await run()
    expect([...context.written].toSorted()).toEqual(
      ['/etc/alias', '/etc/empty', '/etc/plain', '/etc/remote', '/opt', '/opt/app/bin', '/opt/twin'].map(
        (path) => `/sysroot${path}`,
      ),
    )
  })

  test('are logged as the reference does', async () => {
    const { system, run } = setUp(tree, { files: [{ path: '/etc/empty' }] })
    await run()
    expect(system.messages.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info createFilesystemsFiles: createFiles: op(1): [started]  writing file "/sysroot/etc/empty"',
      'info createFilesystemsFiles: createFiles: op(1): [finished] writing file "/sysroot/etc/empty"',
    ])
  })

  test('planning again plans nothing', async () => {
    const { context, run } = setUp(tree, {
      ...storage,
      files: storage.files?.filter((file) => !file.contents) ?? [],
      links: storage.links?.slice(0, 2) ?? [],
    })
    await run()
    expect(await planned(context, files)).toEqual([])
  })
})

test('a hard link has no owner of its own, known or not', async () => {
  const { system, run } = setUp(
    { '/sysroot/t': 'x' },
    { links: [{ path: '/h', target: '/t', hard: true, user: { name: 'nemo' }, group: { id: 7 } }] },
  )
  await run()
  expect(system.files.lstat('/sysroot/h')).toMatchObject({ type: 'file', uid: 0, gid: 0 })
})

describe('what is there already', () => {
  test('a file that is appended to keeps owner and mode', async () => {
    const { system, text, run } = setUp(
      { '/sysroot/etc/hosts': 'one\n' },
      { files: [{ path: '/etc/hosts', append: [{ source: 'data:,two%0A' }, { source: 'data:,three%0A' }] }] },
    )
    system.files.chown('/sysroot/etc/hosts', 5, 6)
    system.files.chmod('/sysroot/etc/hosts', 0o640)
    await run()
    expect(text('/sysroot/etc/hosts')).toBe('one\ntwo\nthree\n')
    expect(system.files.lstat('/sysroot/etc/hosts')).toMatchObject({ uid: 5, gid: 6, mode: 0o640 })
  })

  test('of a changed owner the other half stays', async () => {
    const { system, run } = setUp({ '/sysroot/d': null }, { directories: [{ path: '/d', group: { id: 9 } }] })
    system.files.chown('/sysroot/d', 5, 6)
    await run()
    expect(system.files.lstat('/sysroot/d')).toMatchObject({ uid: 5, gid: 9, mode: 0o755 })
  })

  test('an overwritten tree is gone with all it held', async () => {
    const { system, run } = setUp(
      { '/sysroot/d/old/x': 'x', '/sysroot/d/keep': 'old' },
      {
        directories: [{ path: '/d', overwrite: true }],
        files: [{ path: '/d/keep', contents: { source: 'data:,new' } }],
      },
    )
    await run()
    expect(system.files.list('/sysroot/d')).toEqual(['keep'])
  })

  test('an overwritten file has root’s owner and the default mode again', async () => {
    const { system, text, run } = setUp(
      { '/sysroot/f': 'old' },
      { files: [{ path: '/f', overwrite: true, contents: { source: 'data:,new' } }] },
    )
    system.files.chown('/sysroot/f', 5, 6)
    system.files.chmod('/sysroot/f', 0o600)
    await run()
    expect(text('/sysroot/f')).toBe('new')
    expect(system.files.lstat('/sysroot/f')).toMatchObject({ uid: 0, gid: 0, mode: 0o644 })
  })

  test('a link is replaced, not what it points to', async () => {
    const { system, text, run } = setUp(
      { '/sysroot/f': { link: 'target' }, '/sysroot/target': 'kept' },
      { files: [{ path: '/f', overwrite: true, contents: { source: 'data:,new' } }] },
    )
    await run()
    expect([text('/sysroot/f'), text('/sysroot/target'), system.files.lstat('/sysroot/f')?.type]).toEqual([
      'new',
      'kept',
      'file',
    ])
  })
})

describe('links that come into being on the way', () => {
  test('a link of the config moves what is written after it, inside the root', async () => {
    const { system, text, run } = setUp(
      { '/sysroot/e': { link: '/d' }, '/sysroot/d': null, '/outside': null },
      {
        files: [{ path: '/e/x/f', contents: { source: 'data:,here' } }],
        links: [{ path: '/d/x', target: '/outside' }],
      },
    )
    await run()
    expect(text('/sysroot/outside/f')).toBe('here')
    expect(system.files.list('/outside')).toEqual([])
  })

  test('and what is found there counts', async () => {
    const { text, run } = setUp(
      { '/sysroot/e': { link: '/d' }, '/sysroot/d': null, '/sysroot/there/f': 'precious' },
      {
        files: [{ path: '/e/x/f', contents: { source: 'data:,here' } }],
        links: [{ path: '/d/x', target: '/there' }],
      },
    )
    expect(await failureOf(run)).toMatchObject({ code: 'FL_FILE_EXISTS' })
    expect(text('/sysroot/there/f')).toBe('precious')
  })

  test('a removed link no longer leads anywhere', async () => {
    const { text, run } = setUp(
      { '/sysroot/l': { link: '/d' }, '/sysroot/d': null },
      {
        directories: [{ path: '/l', overwrite: true }],
        files: [{ path: '/l/f', contents: { source: 'data:,x' } }],
      },
    )
    await run()
    expect(text('/sysroot/l/f')).toBe('x')
  })
})

describe('errors', () => {
  test.each<[string, NonNullable<FakeOptions['files']>, Storage, string, string]>([
    [
      'a user that is not known',
      {},
      { files: [{ path: '/f', user: { name: 'nemo' } }] },
      'FL_OWNER_UNKNOWN',
      'user "nemo"',
    ],
    [
      'a group that is not known',
      {},
      { links: [{ path: '/f', target: 'x', group: { name: 'nemo' } }] },
      'FL_OWNER_UNKNOWN',
      'group "nemo"',
    ],
    ['an id below zero', {}, { files: [{ path: '/f', user: { id: -1 } }] }, 'FL_CONFIG_INVALID', '-1'],
    [
      'an id beyond 32 bits',
      {},
      { files: [{ path: '/f', group: { id: 2n ** 60n } }] },
      'FL_CONFIG_INVALID',
      '1152921504606846976',
    ],
    [
      'a parent that is a file',
      { '/sysroot/f': '' },
      { files: [{ path: '/f/g' }] },
      'FL_FILE',
      '"/sysroot/f" is a file',
    ],
    [
      'links in a circle',
      { '/sysroot/l': { link: 'l' } },
      { files: [{ path: '/l/f' }] },
      'FL_PATH_ESCAPES',
      'file "/l/f"',
    ],
    [
      'a hard link to a directory',
      { '/sysroot/d': null },
      { links: [{ path: '/h', target: '/d', hard: true }] },
      'FL_FILE',
      '"/sysroot/d" is a directory',
    ],
    [
      'a hard link to nothing',
      {},
      { links: [{ path: '/h', target: '/gone', hard: true }] },
      'FL_FILE',
      'hard link "/h"',
    ],
  ])('%s', async (_, tree, storage, code, words) => {
    const { system, run } = setUp({ '/sysroot/etc': null, ...tree }, storage)
    const failure = await failureOf(run)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
    expect(system.files.lstat('/sysroot/f')?.type).toBe(tree['/sysroot/f'] === undefined ? undefined : 'file')
  })

  test('in the middle of a fetch leave nothing behind, and what was there untouched', async () => {
    const broken = ['half', new Error('hash verification failed')]
    const { system, text, run } = setUp(
      { '/sysroot/d/inside': 'kept' },
      { files: [{ path: '/d', overwrite: true, contents: { source: 'http://host/x' } }] },
      { resources: { 'http://host/x': broken } },
    )
    const failure = await failureOf(run)
    expect(failure.message).toBe('cannot create file "/d": hash verification failed')
    expect([system.files.list('/sysroot'), text('/sysroot/d/inside')]).toEqual([['d'], 'kept'])
  })

  test('of one part leave a file that is appended to as it was', async () => {
    const { system, text, run } = setUp(
      { '/sysroot/f': 'old' },
      { files: [{ path: '/f', append: [{ source: 'data:,good' }, { source: 'http://host/gone' }] }] },
    )
    expect(await failureOf(run)).toMatchObject({ code: 'FL_FETCH' })
    expect([system.files.list('/sysroot'), text('/sysroot/f')]).toEqual([['f'], 'old'])
  })
})
