import { memfs } from 'memfs'
import { expect, test } from 'vitest'
import { createFiles, type FileSystem } from '../../src/system/real-files.ts'

test('works on a file system that is handed in, so that the shape of a tree can be seen at once', () => {
  const { fs, vol } = memfs({ '/etc/hostname': 'old', '/etc/link': '' })
  const files = createFiles({ fs: fs as unknown as FileSystem, syncFilesystem: () => undefined })
  files.write('/etc/hostname', 'new', { mode: 0o600 })
  files.makeDirectory('/etc/empty', { mode: 0o750 })
  files.append('/etc/link', 'appended')
  files.symlink('hostname', '/etc/name')
  expect(() => files.append('/etc/name', 'x')).toThrow(/ELOOP/)
  expect(vol.toJSON()).toEqual({
    '/etc/empty': null,
    '/etc/hostname': 'new',
    '/etc/link': 'appended',
  })
  expect(files.lstat('/etc/hostname')).toMatchObject({ mode: 0o600 })
  files.remove('/etc')
  expect(files.list('/')).toEqual([])
})
