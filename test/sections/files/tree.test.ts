import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { files } from '../../../src/sections/files/index.ts'
import { failureOf, planned } from '../../helpers/stage.ts'
import { type Storage, setUp } from '../../helpers/storage-stage.ts'

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

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('hex')}`

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

  test.each<[string, Partial<NonNullable<Storage['files']>[number]>, number]>([
    ['the same', { contents: { source: 'data:,text' } }, 0],
    ['the same, in base64', { contents: { source: 'data:;base64,dGV4dA==' } }, 0],
    ['other text of the same length', { contents: { source: 'data:,tExt' } }, 1],
    ['longer text', { contents: { source: 'data:,texts' } }, 1],
    ['no text', { contents: { source: '' } }, 1],
    ['another mode', { contents: { source: 'data:,text' }, mode: 0o600 }, 1],
    ['another owner', { contents: { source: 'data:,text' }, group: { id: 7 } }, 1],
    ['something appended', { contents: { source: 'data:,text' }, append: [{ source: 'data:,' }] }, 1],
    ['what has to be fetched', { contents: { source: 'http://host/x' } }, 1],
    [
      'the same by its hash',
      { contents: { source: 'http://host/x', verification: { hash: hashOf('text') } } },
      0,
    ],
    [
      'another by its hash',
      { contents: { source: 'http://host/x', verification: { hash: hashOf('tExt') } } },
      1,
    ],
    ['what is compressed', { contents: { source: 'data:,text', compression: 'gzip' } }, 1],
  ])('a file is overwritten only if that changes something: %s', async (_, file, steps) => {
    const { context } = setUp({ '/sysroot/f': 'text' }, { files: [{ path: '/f', overwrite: true, ...file }] })
    expect(await planned(context, files)).toHaveLength(steps)
  })

  test('what a run before has written is no obstacle to the next, without overwrite too', async () => {
    const file = { path: '/f', contents: { source: 'data:,text' }, mode: 0o600 }
    const { system, context, run } = setUp({}, { files: [file] })
    await run()
    expect(await planned(context, files)).toEqual([])
    system.files.chmod('/sysroot/f', 0o644)
    expect((await failureOf(run)).code).toBe('FL_FILE_EXISTS')
    system.files.write('/sysroot/f', 'tExt', { mode: 0o600 })
    expect((await failureOf(run)).code).toBe('FL_FILE_EXISTS')
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
