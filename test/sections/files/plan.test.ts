import { describe, expect, test } from 'vitest'
import type { EntryFacts } from '../../../src/sections/files/decide.ts'
import { planEntries } from '../../../src/sections/files/plan.ts'
import { errorOf, facts, node, type Storage } from '../../helpers/entry-facts.ts'

describe('entries among themselves', () => {
  const kinds = (observed: readonly EntryFacts[]) => planEntries(observed).map(({ target }) => target)

  test('directories and links by depth, files in the order of the config, hard links last', () => {
    const remote = { contents: { source: 'http://host/x' } }
    const storage: Storage = {
      directories: [{ path: '/z/y/x' }, { path: '/z' }],
      files: [{ path: '/r/emote', ...remote }, { path: '/z/f' }, { path: '/s2', ...remote }, { path: '/e' }],
      links: [
        { path: '/h/h/h/h', target: '/e', hard: true },
        { path: '/a', target: '/e', hard: true },
        { path: '/s', target: '/e' },
      ],
    }
    expect(kinds(facts(storage))).toEqual(
      ['/z', '/s', '/z/y/x', '/z/f', '/e', '/r/emote', '/s2', '/h/h/h/h', '/a'].map(
        (path) => `/sysroot${path}`,
      ),
    )
  })

  test('nothing can be below a file of the config', () => {
    const storage: Storage = { directories: [{ path: '/a/b/c' }], files: [{ path: '/a' }, { path: '/ab' }] }
    expect(errorOf(facts(storage))).toEqual({
      code: 'FL_FILE',
      message: 'directory "/a/b/c" of the config cannot be below file "/a"',
    })
  })

  test('the depth is that of the place, so that nothing written is removed again', () => {
    const storage: Storage = {
      directories: [{ path: '/a/b/c', overwrite: true }],
      files: [{ path: '/l/f', contents: { source: 'data:,x' } }],
    }
    const given = {
      '/a/b/c': { existing: node('directory') },
      '/l/f': { target: '/sysroot/a/b/c/f', existing: node('file') },
    }
    expect(planEntries(facts(storage, given))).toMatchObject([
      { kind: 'makeDirectory', clear: true },
      { kind: 'writeFile', clear: false },
    ])
  })

  test('two entries that lead to the same place', () => {
    const storage: Storage = { directories: [{ path: '/l/d' }], files: [{ path: '/d/d' }] }
    const { code, message } = errorOf(facts(storage, { '/l/d': { target: '/sysroot/d/d' } }))
    expect(code).toBe('FL_FILE')
    expect(message).toBe(
      'directory "/l/d" and file "/d/d" of the config lead to the same place, "/sysroot/d/d"',
    )
  })

  test('a hard link to a file that is written anew is made anew', () => {
    const storage: Storage = {
      files: [{ path: '/t', contents: { source: 'data:,x' }, overwrite: true }],
      links: [{ path: '/n', target: '/t', hard: true }],
    }
    const given = {
      '/t': { existing: node('file') },
      '/n': { existing: node('file'), shared: { target: '/sysroot/t', existing: node('file') } },
    }
    expect(errorOf(facts(storage, given))).toMatchObject({ code: 'FL_FILE_EXISTS' })
  })

  test('ten thousand overwritten links take no time to speak of', () => {
    const storage: Storage = {
      links: Array.from({ length: 10_000 }, (_, index) => ({
        path: `/l${index}`,
        target: '/t',
        overwrite: true,
      })),
    }
    const start = performance.now()
    expect(planEntries(facts(storage))).toHaveLength(10_000)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
