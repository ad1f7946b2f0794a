import nodeFs from 'node:fs'
import { dirname, join } from 'node:path'
import { readRange, readWhole, writeWhole } from './file-descriptor.ts'
import { ignoringAbsence, refuseUnless, statOf } from './node-stat.ts'
import { createPendingFile } from './pending-file.ts'
import { shred } from './shred.ts'
import type { Files, Owner, WriteOptions } from './system.ts'
import { refusal } from './system-error.ts'
import { createTemporaries, type Temporaries } from './temporaries.ts'

/** The part of `node:fs` that the door uses; memfs has it too. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'chmodSync'
  | 'closeSync'
  | 'constants'
  | 'fchmodSync'
  | 'fchownSync'
  | 'fdatasync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'lchownSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'mkdtempSync'
  | 'openSync'
  | 'readSync'
  | 'readdirSync'
  | 'readlinkSync'
  | 'renameSync'
  | 'rmdirSync'
  | 'rmSync'
  | 'statSync'
  | 'statfsSync'
  | 'symlinkSync'
  | 'writeSync'
  | 'writev'
>

export interface FilesOptions {
  readonly fs?: FileSystem
  /** Flushes the filesystem that holds the path: syncfs(2), which Node does not offer. */
  readonly syncFilesystem: (path: string) => void
  /** flock(2), which Node does not offer either. */
  readonly lockFile: Files['lock']
  /** Where `makeTemporaryDirectory` works; default `/tmp`. */
  readonly temporary?: string | undefined
}

/**
 * Files by way of `node:fs` (or memfs, handed in). Modes are exact whatever the umask is: a node is made with no more
 * rights than its owner needs, gets its owner, then its mode.
 */
export function createFiles({ fs = nodeFs, temporary = '/tmp', ...calls }: FilesOptions): Files {
  const temporaries = createTemporaries(fs)
  const create = (target: string) => createPendingFile({ fs, target, path: temporaries.beside(target) })

  const write = (path: string, data: Uint8Array | string, options: WriteOptions & { durable: boolean }) => {
    const pending = create(path)
    try {
      pending.write(bytesOf(data))
      if (options.durable) pending.flush()
      pending.commit(options)
    } finally {
      pending.discard()
    }
    if (options.durable) flushDirectory(fs, dirname(path))
  }

  const read = (path: string) => readWhole(fs, path)

  return {
    read,
    readText: (path) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(read(path)),
    readAt: (path, offset, length) => readRange(fs, path, { offset, length }),
    list: (path) => fs.readdirSync(path).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    lstat: (path) => statOf(() => fs.lstatSync(path, { bigint: true })),
    stat: (path) => statOf(() => fs.statSync(path, { bigint: true })),
    readlink: (path) => fs.readlinkSync(path),
    modifiedAt: (path) => fs.statSync(path, { bigint: true }).mtimeNs,
    create,
    write: (path, data, options) => write(path, data, { ...options, durable: false }),
    writeDurably: (path, data, options) => write(path, data, { ...options, durable: true }),
    append: (path, data, options) =>
      append(fs, path, {
        ...options,
        chunks: typeof data === 'string' || data instanceof Uint8Array ? [bytesOf(data)] : data,
      }),
    makeDirectory: (path, options) => makeDirectory(fs, path, { ...options, temporaries }),
    symlink: (target, path, owner) => symlink(fs, path, { target, owner, temporaries }),
    hardLink: (existing, path) => fs.linkSync(existing, path),
    chown: (path, uid, gid) => fs.lchownSync(path, uid, gid),
    chmod: (path, mode) => chmod(fs, path, mode),
    rename: (from, to) => fs.renameSync(from, to),
    remove: (path) => ignoringAbsence(() => fs.rmSync(path, { recursive: true, force: true })),
    shred: (path) => shred(fs, path),
    removeDirectory: (path) => fs.rmdirSync(path),
    makeTemporaryDirectory: (prefix) => fs.mkdtempSync(join(temporary, prefix)),
    lock: calls.lockFile,
    sync: calls.syncFilesystem,
    freeBytes(path) {
      const { blocks, bavail, bsize } = fs.statfsSync(path)
      return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize
    },
  }
}

const bytesOf = (data: Uint8Array | string) => (typeof data === 'string' ? Buffer.from(data) : data)

interface Addition {
  readonly chunks: Iterable<Uint8Array>
  readonly from?: number
}

function append(fs: FileSystem, path: string, { chunks, from }: Addition): void {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants
  refuseUnless(fs, path, 'file')
  const descriptor = fs.openSync(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
  try {
    if (from !== undefined) fs.ftruncateSync(descriptor, from)
    const { size } = fs.fstatSync(descriptor)
    try {
      for (const chunk of chunks) writeWhole(fs, descriptor, { data: chunk })
    } catch (error) {
      fs.ftruncateSync(descriptor, size)
      throw error
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

interface NewDirectory extends WriteOptions {
  readonly temporaries: Temporaries
}

/** A directory that a cut leaves behind must not lack owner or mode: nothing could tell that it does. */
function makeDirectory(fs: FileSystem, path: string, { mode, uid, gid, temporaries }: NewDirectory): void {
  if (uid === undefined && gid === undefined && (mode & ~0o755) === 0) {
    fs.mkdirSync(path, mode)
    if (Number(fs.lstatSync(path).mode & 0o7777) !== mode) fs.chmodSync(path, mode)
    return
  }
  makeWhole(fs, path, {
    temporaries,
    make(made) {
      fs.mkdirSync(made, 0o700)
      if (uid !== undefined || gid !== undefined) fs.lchownSync(made, uid ?? -1, gid ?? -1)
      fs.chmodSync(made, mode)
    },
  })
}

interface NewLink {
  readonly target: string
  readonly owner: Owner | undefined
  readonly temporaries: Temporaries
}

function symlink(fs: FileSystem, path: string, { target, owner, temporaries }: NewLink): void {
  if (!owner) {
    fs.symlinkSync(target, path)
    return
  }
  makeWhole(fs, path, {
    temporaries,
    make(made) {
      fs.symlinkSync(target, made)
      fs.lchownSync(made, owner.uid, owner.gid)
    },
  })
}

interface NewNode {
  readonly temporaries: Temporaries
  readonly make: (path: string) => void
}

/** Makes a node under another name first; nothing is left of it when that fails. */
function makeWhole(fs: FileSystem, path: string, { temporaries, make }: NewNode): void {
  const made = temporaries.beside(path)
  try {
    make(made)
    if (statOf(() => fs.lstatSync(path, { bigint: true })))
      throw refusal('EEXIST', { reason: 'file already exists', syscall: 'rename', path })
    fs.renameSync(made, path)
  } catch (error) {
    fs.rmSync(made, { recursive: true, force: true })
    throw error
  }
}

function chmod(fs: FileSystem, path: string, mode: number): void {
  if (fs.lstatSync(path).isSymbolicLink())
    throw refusal('ELOOP', { reason: 'too many symbolic links', syscall: 'chmod', path })
  fs.chmodSync(path, mode)
}

function flushDirectory(fs: FileSystem, path: string): void {
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}
