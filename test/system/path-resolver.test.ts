import { describe, expect, test } from 'vitest'
import { createPathResolver } from '../../src/system/path-resolver.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'
import { failureOf } from '../helpers/stage.ts'

type Tree = NonNullable<FakeOptions['files']>

const resolver = (files: Tree, root = '/sysroot') => createPathResolver(fakeSystem({ files }).files, root)

const cases: readonly { name: string; files: Tree; path: string; resolved: string; followed?: string }[] = [
  { name: 'nothing there', files: {}, path: '/a/b/c', resolved: '/sysroot/a/b/c' },
  { name: 'the root itself', files: {}, path: '/', resolved: '/sysroot' },
  { name: 'absolute link', files: { '/sysroot/l': { link: '/d' } }, path: '/l/f', resolved: '/sysroot/d/f' },
  {
    name: 'relative link',
    files: { '/sysroot/a/l': { link: '../d' } },
    path: '/a/l/f',
    resolved: '/sysroot/d/f',
  },
  {
    name: 'a chain whose second hop is absolute',
    files: {
      '/sysroot/l1': { link: '/l2' },
      '/sysroot/l2': { link: '/abs/outside' },
      '/abs/outside/x': 'host',
    },
    path: '/l1/f',
    resolved: '/sysroot/abs/outside/f',
  },
  {
    name: 'a link that climbs above the root',
    files: { '/sysroot/a/up': { link: '../../../../etc' }, '/etc/passwd': 'host' },
    path: '/a/up/passwd',
    resolved: '/sysroot/etc/passwd',
  },
  {
    name: 'a link to the root',
    files: { '/sysroot/a/top': { link: '/' } },
    path: '/a/top/etc/f',
    resolved: '/sysroot/etc/f',
  },
  {
    name: 'a link whose target has links and dots in it',
    files: {
      '/sysroot/x': { link: '/y/./z/../w//' },
      '/sysroot/y/z': { link: '/deep/er' },
      '/sysroot/deep/w': null,
    },
    path: '/x/f',
    resolved: '/sysroot/deep/w/f',
  },
  {
    name: 'the last component is left alone',
    files: { '/sysroot/d/last': { link: '/elsewhere' } },
    path: '/d/last',
    resolved: '/sysroot/d/last',
    followed: '/sysroot/elsewhere',
  },
  {
    name: 'a link with missing components behind it',
    files: { '/sysroot/l': { link: 'missing/dir' } },
    path: '/l/sub/f',
    resolved: '/sysroot/missing/dir/sub/f',
  },
  {
    name: 'dots in the path itself go by its letters',
    files: { '/sysroot/a/l': { link: '/far/away' } },
    path: '/a/l/../../../f',
    resolved: '/sysroot/f',
  },
]

describe('a path inside the root', () => {
  test.each(cases)('$name', ({ files, path, resolved, followed = resolved }) => {
    const paths = resolver(files)
    expect(paths.resolve(path)).toBe(resolved)
    expect(paths.follow(path)).toBe(followed)
    expect(paths.resolve(path)).toBe(resolved)
  })

  test('with the machine’s own root', () => {
    const paths = resolver({ '/l': { link: '/d' } }, '')
    expect([paths.resolve('/l/f'), paths.resolve('/'), paths.follow('/l')]).toEqual(['/d/f', '/', '/d'])
  })

  test('what is remembered is right until it is told to forget', () => {
    const { files } = fakeSystem({ files: { '/sysroot/a/b': null } })
    const paths = createPathResolver(files, '/sysroot')
    expect(paths.resolve('/a/b/f')).toBe('/sysroot/a/b/f')
    files.remove('/sysroot/a/b')
    files.symlink('/other', '/sysroot/a/b')
    paths.forget()
    expect(paths.resolve('/a/b/f')).toBe('/sysroot/other/f')
  })
})

describe('links without end', () => {
  const chain = (length: number): Tree =>
    Object.fromEntries(
      Array.from({ length }, (_, index) => [`/sysroot/l${index}`, { link: `l${index + 1}` }]),
    )

  test('40 links are followed', () => {
    expect(resolver(chain(40)).resolve('/l0/f')).toBe('/sysroot/l40/f')
  })

  test.each([
    ['41 links', chain(41), '/l0/f'],
    ['a link to itself', { '/sysroot/l0': { link: 'l0' } }, '/l0/f'],
    ['two links to each other', { '/sysroot/l0': { link: '/l1' }, '/sysroot/l1': { link: '/l0' } }, '/l0/f'],
    // Each of its components alone stays below the limit.
    ['links on several components', { ...chain(25), '/sysroot/l25/d': { link: '/l0' } }, '/l0/d/f'],
  ])('%s', async (_, files, path) => {
    const { code, message } = await failureOf(() => resolver(files).resolve(path))
    expect(code).toBe('FL_PATH_ESCAPES')
    expect(message).toContain('"/sysroot/')
  })
})
