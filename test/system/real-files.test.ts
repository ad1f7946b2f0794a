import nodeFs from 'node:fs'
import { memfs } from 'memfs'
import { expect, test } from 'vitest'
import { createFiles, type FileSystem } from '../../src/system/real-files.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

test('works on a file system that is handed in, so that the shape of a tree can be seen at once', () => {
  const { fs, vol } = memfs({ '/etc/hostname': 'old', '/etc/link': '' })
  const files = createFiles({
    fs: fs as unknown as FileSystem,
    syncFilesystem: () => undefined,
    lockFile: () => undefined,
  })
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

test('a filesystem without a size has no end', () => {
  const { fs } = memfs({ '/run/x': '' })
  const sized = (blocks: number) => {
    const statfsSync = () => ({ blocks, bavail: 3, bsize: 4096 })
    return createFiles({
      fs: { ...fs, statfsSync } as unknown as FileSystem,
      syncFilesystem: () => undefined,
      lockFile: () => undefined,
    })
  }
  expect(sized(0).freeBytes('/run')).toBe(Number.POSITIVE_INFINITY)
  expect(sized(9).freeBytes('/run')).toBe(12288)
})

test('what cannot get its owner, as on a FAT filesystem, leaves nothing half made', () => {
  const directory = scratchDirectory()
  const lchownSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, lchown'), { code: 'EPERM' })
  }
  const files = createFiles({
    fs: { ...nodeFs, lchownSync },
    syncFilesystem: () => undefined,
    lockFile: () => undefined,
  })
  const owner = { uid: 1000, gid: 1000 }
  files.write(`${directory}/x`, '', { mode: 0o644 })
  expect(() => files.makeDirectory(`${directory}/d`, { mode: 0o755, ...owner })).toThrow(/EPERM/)
  expect(() => files.symlink('x', `${directory}/l`, owner)).toThrow(/EPERM/)
  expect(files.list(directory)).toEqual(['x'])
})
