import { describe, expect, test } from 'vitest'
import { lockFile, syncFilesystem } from '../../src/system/libc.ts'
import { createFiles } from '../../src/system/real-files.ts'
import type { Files } from '../../src/system/system.ts'
import { fakeFiles } from '../helpers/fake-files.ts'
import { emptyDirectory } from '../helpers/fake-tree.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

const bytes = (files: Files, path: string) => Buffer.from(files.read(path)).toString('latin1')

/** Each case gets an empty directory; the real one is on disk and needs uid 0 for its owners. */
const implementations: Record<string, () => { files: Files; at: string }> = {
  real() {
    const at = scratchDirectory()
    return { files: createFiles({ syncFilesystem, lockFile, temporary: at }), at }
  },
  fake() {
    const root = emptyDirectory()
    const files = fakeFiles(root, '/scratch')
    files.makeDirectory('/scratch', { mode: 0o700 })
    return { files, at: '/scratch' }
  },
}

const codeOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
  return 'no error'
}

describe.each(Object.entries(implementations))('files, %s', (_name, start) => {
  test('writes bytes with exactly the mode and owner asked for', () => {
    const { files, at } = start()
    const data = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251)
    files.write(`${at}/a`, data, { mode: 0o4777, uid: 1234, gid: 5678 })
    expect(Buffer.compare(files.read(`${at}/a`), data)).toBe(0)
    expect(files.lstat(`${at}/a`)).toMatchObject({
      type: 'file',
      mode: 0o4777,
      uid: 1234,
      gid: 5678,
      size: data.length,
    })
    expect(files.list(at)).toEqual(['a'])
  })

  test('replaces a file, and a link instead of what it leads to', () => {
    const { files, at } = start()
    files.write(`${at}/victim`, 'old', { mode: 0o600 })
    files.symlink('victim', `${at}/link`)
    files.writeDurably(`${at}/link`, 'new', { mode: 0o640 })
    expect(files.readText(`${at}/victim`)).toBe('old')
    expect(files.lstat(`${at}/link`)).toMatchObject({ type: 'file', mode: 0o640 })
    files.write(`${at}/link`, 'newer', { mode: 0o644 })
    expect(files.readText(`${at}/link`)).toBe('newer')
  })

  test('a pending file is invisible under its name, and gone when discarded', () => {
    const { files, at } = start()
    const pending = files.create(`${at}/target`)
    pending.write(Buffer.from('half'))
    expect(files.lstat(`${at}/target`)).toBeUndefined()
    expect(files.lstat(pending.path)).toMatchObject({ mode: 0o600 })
    pending.discard()
    pending.discard()
    expect(files.list(at)).toEqual([])
    const second = files.create(`${at}/target`)
    second.write(Buffer.from('whole'))
    second.commit({ mode: 0o644 })
    second.discard()
    expect(files.list(at)).toEqual(['target'])
  })

  test('chunks that are given away are in the file when it is settled, between others in order', async () => {
    const { files, at } = start()
    const pending = files.create(`${at}/target`)
    const parts = Array.from({ length: 40 }, (_, index) => Buffer.alloc(65_536 + index, index + 1))
    const expected = Buffer.concat([Buffer.from('first'), ...parts, Buffer.from('last')])
    pending.write(Buffer.from('first'))
    for (const part of parts) pending.take(part)
    pending.write(Buffer.from('last'))
    await pending.settle()
    pending.commit({ mode: 0o640 })
    expect(Buffer.compare(files.read(`${at}/target`), expected)).toBe(0)
  })

  test('a pending file can be discarded while chunks are being written', async () => {
    const { files, at } = start()
    const pending = files.create(`${at}/target`)
    for (let count = 0; count < 100; count += 1) pending.take(Buffer.alloc(65_536))
    pending.discard()
    await pending.settle().catch(() => undefined)
    expect(files.list(at)).toEqual([])
  })

  test('a failed write leaves nothing behind', () => {
    const { files, at } = start()
    files.makeDirectory(`${at}/occupied`, { mode: 0o755 })
    expect(codeOf(() => files.write(`${at}/occupied`, 'x', { mode: 0o644 }))).toBe('EISDIR')
    expect(files.list(at)).toEqual(['occupied'])
  })

  test('appends to regular files only, never through a link', () => {
    const { files, at } = start()
    files.write(`${at}/a`, 'one', { mode: 0o644 })
    files.append(`${at}/a`, ' two')
    files.symlink('a', `${at}/link`)
    expect(codeOf(() => files.append(`${at}/link`, 'x'))).toBe('ELOOP')
    expect(codeOf(() => files.append(`${at}/missing`, 'x'))).toBe('ENOENT')
    expect(codeOf(() => files.append(at, 'x'))).toBe('EINVAL')
    expect(bytes(files, `${at}/a`)).toBe('one two')
    files.append(`${at}/a`, ' three', { from: 3 })
    expect(bytes(files, `${at}/a`)).toBe('one three')
  })

  test('a link with an owner, and nothing but it', () => {
    const { files, at } = start()
    files.symlink('nowhere', `${at}/link`, { uid: 11, gid: 12 })
    expect(files.lstat(`${at}/link`)).toMatchObject({ type: 'symlink', uid: 11, gid: 12 })
    expect(codeOf(() => files.symlink('x', `${at}/link`, { uid: 0, gid: 0 }))).toBe('EEXIST')
    expect(files.readlink(`${at}/link`)).toBe('nowhere')
    expect(files.list(at)).toEqual(['link'])
  })

  test('makes directories with exactly the mode asked for', () => {
    const { files, at } = start()
    files.makeDirectory(`${at}/d`, { mode: 0o3777, uid: 7, gid: 8 })
    expect(files.stat(`${at}/d`)).toMatchObject({ type: 'directory', mode: 0o3777, uid: 7, gid: 8 })
    expect(codeOf(() => files.makeDirectory(`${at}/d`, { mode: 0o755 }))).toBe('EEXIST')
    expect(codeOf(() => files.makeDirectory(`${at}/d`, { mode: 0o755, uid: 7 }))).toBe('EEXIST')
    expect(codeOf(() => files.makeDirectory(`${at}/x/y`, { mode: 0o755 }))).toBe('ENOENT')
    expect(codeOf(() => files.makeDirectory(`${at}/x/y`, { mode: 0o777 }))).toBe('ENOENT')
    expect(files.list(at)).toEqual(['d'])
  })

  test('absence is a value for lstat and stat', () => {
    const { files, at } = start()
    files.write(`${at}/a`, '', { mode: 0o644 })
    files.symlink('nowhere', `${at}/dangling`)
    expect(files.lstat(`${at}/b`)).toBeUndefined()
    expect(files.lstat(`${at}/a/b`)).toBeUndefined()
    expect(files.stat(`${at}/dangling`)).toBeUndefined()
    expect(files.lstat(`${at}/dangling`)).toMatchObject({ type: 'symlink', mode: 0o777 })
    expect(files.readlink(`${at}/dangling`)).toBe('nowhere')
    expect(codeOf(() => files.list(`${at}/b`))).toBe('ENOENT')
    expect(codeOf(() => files.read(`${at}/b`))).toBe('ENOENT')
  })

  test('hard links are the same file', () => {
    const { files, at } = start()
    files.write(`${at}/a`, 'x', { mode: 0o644 })
    files.hardLink(`${at}/a`, `${at}/b`)
    expect(files.lstat(`${at}/a`)?.inode).toBe(files.lstat(`${at}/b`)?.inode)
    expect(codeOf(() => files.hardLink(`${at}/a`, `${at}/b`))).toBe('EEXIST')
  })

  test('owners and modes: the link itself is chowned, and chmod refuses it', () => {
    const { files, at } = start()
    files.write(`${at}/a`, 'x', { mode: 0o4755, uid: 0, gid: 0 })
    files.symlink('a', `${at}/link`)
    files.chown(`${at}/link`, 11, 12)
    expect(files.lstat(`${at}/link`)).toMatchObject({ uid: 11, gid: 12 })
    expect(files.lstat(`${at}/a`)).toMatchObject({ uid: 0, gid: 0 })
    expect(codeOf(() => files.chmod(`${at}/link`, 0o600))).toBe('ELOOP')
    files.chown(`${at}/a`, 11, 12)
    expect(files.lstat(`${at}/a`)).toMatchObject({ mode: 0o755, uid: 11, gid: 12 })
    files.chmod(`${at}/a`, 0o6711)
    expect(files.lstat(`${at}/a`)).toMatchObject({ mode: 0o6711 })
  })

  test('removes trees without following links, and what is missing without a word', () => {
    const { files, at } = start()
    files.makeDirectory(`${at}/keep`, { mode: 0o755 })
    files.write(`${at}/keep/file`, 'x', { mode: 0o644 })
    files.makeDirectory(`${at}/tree`, { mode: 0o755 })
    files.makeDirectory(`${at}/tree/deep`, { mode: 0o000 })
    files.symlink('../keep', `${at}/tree/link`)
    files.symlink('keep', `${at}/link`)
    files.symlink('nowhere', `${at}/dangling`)
    for (const name of ['tree', 'link', 'dangling', 'missing', 'keep/file/below'])
      files.remove(`${at}/${name}`)
    expect(files.list(at)).toEqual(['keep'])
    expect(files.readText(`${at}/keep/file`)).toBe('x')
  })

  test('shreds a file: whoever has it by another name finds nothing of it', () => {
    const { files, at } = start()
    files.write(`${at}/a`, 'secret '.repeat(20_000), { mode: 0o600 })
    files.hardLink(`${at}/a`, `${at}/b`)
    files.shred(`${at}/a`)
    expect(files.list(at)).toEqual(['b'])
    expect(files.read(`${at}/b`)).toEqual(Buffer.alloc(140_000))
    files.shred(`${at}/missing`)
    files.write(`${at}/empty`, '', { mode: 0o600 })
    files.shred(`${at}/empty`)
    files.symlink('b', `${at}/link`)
    expect(codeOf(() => files.shred(`${at}/link`))).toBe('ELOOP')
    expect(files.list(at)).toEqual(['b', 'link'])
  })

  test('reads a range, and what there is of it at the end', () => {
    const { files, at } = start()
    files.write(`${at}/a`, '0123456789', { mode: 0o644 })
    const range = (offset: number, length: number) =>
      Buffer.from(files.readAt(`${at}/a`, offset, length)).toString()
    expect([range(0, 3), range(4, 6), range(8, 5), range(12, 4)]).toEqual(['012', '456789', '89', ''])
    expect(codeOf(() => files.readAt(`${at}/missing`, 0, 1))).toBe('ENOENT')
  })

  test('lists names in byte order', () => {
    const { files, at } = start()
    for (const name of ['b', 'B', '\u{1F600}', '\uFF5E', 'a10', 'a2'])
      files.write(`${at}/${name}`, '', { mode: 0o644 })
    expect(files.list(at)).toEqual(['B', 'a10', 'a2', 'b', '\uFF5E', '\u{1F600}'])
  })

  test('renames over what is there', () => {
    const { files, at } = start()
    files.write(`${at}/a`, 'a', { mode: 0o644 })
    files.write(`${at}/b`, 'b', { mode: 0o644 })
    files.rename(`${at}/a`, `${at}/b`)
    expect(files.list(at)).toEqual(['b'])
    expect(files.readText(`${at}/b`)).toBe('a')
    expect(codeOf(() => files.rename(`${at}/a`, `${at}/c`))).toBe('ENOENT')
  })

  test('temporary directories are new and private, and a filesystem can be flushed', () => {
    const { files, at } = start()
    const made = [files.makeTemporaryDirectory('x-'), files.makeTemporaryDirectory('x-')]
    expect(new Set(made).size).toBe(2)
    for (const path of made) expect(files.lstat(path)).toMatchObject({ type: 'directory', mode: 0o700 })
    for (const path of made) files.removeDirectory(path)
    for (const path of made) expect(files.lstat(path)).toBeUndefined()
    files.sync(at)
    expect(files.freeBytes(at)).toBeGreaterThan(0)
    expect(codeOf(() => files.freeBytes(`${at}/missing`))).toBe('ENOENT')
    expect(codeOf(() => files.sync(`${at}/missing`))).toBe('ENOENT')
  })

  test("a lock is one holder's at a time", () => {
    const { files, at } = start()
    files.write(`${at}/a`, '', { mode: 0o644 })
    const release = files.lock(`${at}/a`)
    expect(files.lock(`${at}/a`)).toBeUndefined()
    release?.()
    expect(files.lock(`${at}/a`)).toBeTypeOf('function')
    expect(codeOf(() => files.lock(`${at}/missing`))).toBe('ENOENT')
  })

  test('removes a directory only when it is empty', () => {
    const { files, at } = start()
    files.makeDirectory(`${at}/d`, { mode: 0o755 })
    files.write(`${at}/d/a`, 'x', { mode: 0o644 })
    expect(codeOf(() => files.removeDirectory(`${at}/d`))).toBe('ENOTEMPTY')
    expect(codeOf(() => files.removeDirectory(`${at}/d/a`))).toBe('ENOTDIR')
    expect(codeOf(() => files.removeDirectory(`${at}/none`))).toBe('ENOENT')
  })

  test('follows links on the way and stops when they go in circles', () => {
    const { files, at } = start()
    files.makeDirectory(`${at}/d`, { mode: 0o755 })
    files.symlink('d', `${at}/link`)
    files.write(`${at}/link/a`, 'x', { mode: 0o644 })
    expect(files.readText(`${at}/d/a`)).toBe('x')
    expect(files.readText(`${at}/link/../d/./a`)).toBe('x')
    files.symlink('circle', `${at}/circle`)
    expect(codeOf(() => files.read(`${at}/circle`))).toBe('ELOOP')
  })
})
