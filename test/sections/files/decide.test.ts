import { describe, expect, test } from 'vitest'
import type { EntryFacts } from '../../../src/sections/files/decide.ts'
import { planEntries } from '../../../src/sections/files/plan.ts'
import { errorOf, facts, nobodySays, node, type Storage } from '../../helpers/entry-facts.ts'

const directory: Storage = { directories: [{ path: '/n' }] }
const empty: Storage = { files: [{ path: '/n' }] }
const full: Storage = { files: [{ path: '/n', contents: { source: 'data:,x' } }] }
const appended: Storage = { files: [{ path: '/n', append: [{ source: 'data:,a' }, { source: 'data:,b' }] }] }
const symlink: Storage = { links: [{ path: '/n', target: '/t' }] }
const hardLink: Storage = { links: [{ path: '/n', target: '/t', hard: true }] }
const overwriting = (storage: Storage): Storage => ({
  directories: storage.directories?.map((entry) => ({ ...entry, overwrite: true })) ?? [],
  files: storage.files?.map((entry) => ({ ...entry, overwrite: true })) ?? [],
  links: storage.links?.map((entry) => ({ ...entry, overwrite: true })) ?? [],
})
const owned = { uid: 7, gid: 8, mode: undefined }
const same = { shared: { target: '/sysroot/t', existing: node('file') } }

type Outcome = 'nothing' | 'exists' | { readonly kind: string; readonly clear: boolean }
const cases: readonly [name: string, storage: Storage, given: Partial<EntryFacts>, outcome: Outcome][] = [
  ['directory, absent', directory, {}, { kind: 'makeDirectory', clear: false }],
  ['directory, there', directory, { existing: node('directory') }, 'nothing'],
  [
    'directory, other owner',
    directory,
    { existing: node('directory'), attributes: owned },
    { kind: 'setAttributes', clear: false },
  ],
  [
    'directory, right owner',
    directory,
    { existing: node('directory', { uid: 7, gid: 8 }), attributes: owned },
    'nothing',
  ],
  [
    'directory, other mode',
    directory,
    { existing: node('directory'), attributes: { ...nobodySays, mode: 0o700 } },
    { kind: 'setAttributes', clear: false },
  ],
  ['directory, file there', directory, { existing: node('file') }, 'exists'],
  ['directory, link there', directory, { existing: node('symlink') }, 'exists'],
  [
    'directory, overwriting',
    overwriting(directory),
    { existing: node('directory') },
    { kind: 'makeDirectory', clear: true },
  ],
  [
    'directory, overwriting a file',
    overwriting(directory),
    { existing: node('file') },
    { kind: 'makeDirectory', clear: true },
  ],
  ['directory, overwriting nothing', overwriting(directory), {}, { kind: 'makeDirectory', clear: false }],
  [
    'file with contents, begun by an earlier run',
    full,
    { existing: node('file'), earlier: { kind: 'begun' } },
    { kind: 'writeFile', clear: false },
  ],
  [
    'file, begun by an earlier run, another thing there',
    full,
    { existing: node('fifo'), earlier: { kind: 'begun' } },
    'exists',
  ],
  ['file, ended by an earlier run', full, { existing: node('file'), earlier: { kind: 'ended' } }, 'nothing'],
  [
    'file, appended to by an earlier run',
    appended,
    { existing: node('file'), earlier: { kind: 'ended' } },
    'nothing',
  ],
  [
    'file, an earlier run was cut off while it appended',
    appended,
    { existing: node('file'), earlier: { kind: 'appending', baseBytes: 0 } },
    { kind: 'appendToFile', clear: false },
  ],
  [
    'hard link, begun by an earlier run, to what was written again',
    hardLink,
    {
      existing: node('file'),
      earlier: { kind: 'begun' },
      shared: { target: '/sysroot/t', existing: undefined },
    },
    { kind: 'makeHardLink', clear: true },
  ],
  ['file without contents, absent', empty, {}, { kind: 'writeFile', clear: false }],
  ['file without contents, there', empty, { existing: node('file') }, 'nothing'],
  [
    'file without contents, other mode',
    empty,
    { existing: node('file'), attributes: { ...nobodySays, mode: 0o600 } },
    { kind: 'setAttributes', clear: false },
  ],
  ['file without contents, directory there', empty, { existing: node('directory') }, 'exists'],
  ['file with contents, absent', full, {}, { kind: 'writeFile', clear: false }],
  ['file with contents, there', full, { existing: node('file') }, 'exists'],
  [
    'file with empty contents, there',
    { files: [{ path: '/n', contents: { source: '' } }] },
    { existing: node('file') },
    'exists',
  ],
  ['file with contents, fifo there', full, { existing: node('fifo') }, 'exists'],
  [
    'file, overwriting a file',
    overwriting(full),
    { existing: node('file') },
    { kind: 'writeFile', clear: false },
  ],
  [
    'file, overwriting a directory',
    overwriting(full),
    { existing: node('directory') },
    { kind: 'writeFile', clear: true },
  ],
  [
    'file, overwriting a link',
    overwriting(full),
    { existing: node('symlink') },
    { kind: 'writeFile', clear: true },
  ],
  ['appending, absent', appended, {}, { kind: 'writeFile', clear: false }],
  ['appending, there', appended, { existing: node('file') }, { kind: 'appendToFile', clear: false }],
  ['appending, link there', appended, { existing: node('symlink') }, 'exists'],
  ['link, absent', symlink, {}, { kind: 'makeSymlink', clear: false }],
  ['link, the same', symlink, { existing: node('symlink'), linkText: '/t' }, 'nothing'],
  ['link, the same but for dots', symlink, { existing: node('symlink'), linkText: '/u/.././/t/' }, 'nothing'],
  [
    'link, the same with another owner',
    symlink,
    { existing: node('symlink'), linkText: '/t', attributes: owned },
    'nothing',
  ],
  ['link, another', symlink, { existing: node('symlink'), linkText: 't' }, 'exists'],
  ['link, file there', symlink, { existing: node('file') }, 'exists'],
  [
    'link, overwriting another',
    overwriting(symlink),
    { existing: node('symlink'), linkText: '/u' },
    { kind: 'makeSymlink', clear: true },
  ],
  [
    'link, overwriting the same',
    overwriting(symlink),
    { existing: node('symlink'), linkText: '/t' },
    'nothing',
  ],
  [
    'link, overwriting for its owner',
    overwriting(symlink),
    { existing: node('symlink'), linkText: '/t', attributes: owned },
    { kind: 'makeSymlink', clear: true },
  ],
  [
    'link, overwriting a directory',
    overwriting(symlink),
    { existing: node('directory') },
    { kind: 'makeSymlink', clear: true },
  ],
  ['hard link, absent', hardLink, same, { kind: 'makeHardLink', clear: false }],
  ['hard link, same node', hardLink, { ...same, existing: node('file') }, 'nothing'],
  [
    'hard link, same node, overwriting',
    overwriting(hardLink),
    { ...same, existing: node('file') },
    'nothing',
  ],
  ['hard link, other node', hardLink, { ...same, existing: node('file', { inode: 2n }) }, 'exists'],
  ['hard link, other device', hardLink, { ...same, existing: node('file', { device: 2n }) }, 'exists'],
  [
    'hard link, overwriting',
    overwriting(hardLink),
    { ...same, existing: node('directory', { inode: 2n }) },
    { kind: 'makeHardLink', clear: true },
  ],
]

describe('what is there and what is wanted', () => {
  test.each(cases)('%s', (_, storage, given, outcome) => {
    const observed = facts(storage, { '/n': given })
    if (outcome === 'nothing') expect(planEntries(observed)).toEqual([])
    else if (outcome === 'exists') expect(errorOf(observed)).toMatchObject({ code: 'FL_FILE_EXISTS' })
    else expect(planEntries(observed)).toMatchObject([outcome])
  })

  test('the error names the entry, where it leads and the way out', () => {
    const { message } = errorOf(
      facts(full, { '/n': { existing: node('directory'), target: '/sysroot/other/n' } }),
    )
    expect(message).toBe(
      'cannot create file "/n" at "/sysroot/other/n": a directory is there already and overwrite is false',
    )
  })

  test('a tree with a filesystem mounted in it is not removed', () => {
    const { code, message } = errorOf(
      facts(overwriting(directory), {
        '/n': { existing: node('directory'), mountedBelow: '/sysroot/n/data' },
      }),
    )
    expect(code).toBe('FL_FILE')
    expect(message).toContain('"/sysroot/n/data"')
  })
})
