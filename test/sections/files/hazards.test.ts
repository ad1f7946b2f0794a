import { describe, expect, test } from 'vitest'
import { failureOf } from '../../helpers/stage.ts'
import { type Storage, setUp, type Tree } from '../../helpers/storage-stage.ts'

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
  test.each<[string, Tree, Storage, string, string]>([
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
