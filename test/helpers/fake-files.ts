import { dirname, join } from 'node:path'
import { ignoringAbsence } from '../../src/system/node-stat.ts'
import type { Files, NodeStat, WriteOptions } from '../../src/system/system.ts'
import {
  type DirectoryNode,
  emptyDirectory,
  nextInode,
  systemError,
  type TreeNode,
  walk,
} from './fake-tree.ts'

const bytesOf = (data: Uint8Array | string) => Buffer.from(data)

/** What every filesystem in memory says that it has left. */
const fakeFreeBytes = 64 * 1024 * 1024

/** `Files` on a tree in memory, seen by root: nothing is refused for want of rights. */
export function fakeFiles(root: DirectoryNode, temporary = '/tmp'): Files {
  let serial = 0
  const locked = new Set<bigint>()

  const find = (path: string, syscall: string, follow = true): TreeNode => {
    const { node } = walk(root, path, { follow, syscall })
    if (!node) throw systemError('ENOENT', syscall, path)
    return node
  }

  const free = (path: string, syscall: string) => {
    const place = walk(root, path, { follow: false, syscall })
    if (place.node) throw systemError('EEXIST', syscall, path)
    return place
  }

  const read = (path: string): Buffer => {
    const node = find(path, 'read')
    if (node.type === 'directory') throw systemError('EISDIR', 'read', path)
    return 'data' in node ? Buffer.from(node.data) : Buffer.alloc(0)
  }

  const create: Files['create'] = (target) => {
    serial += 1
    const path = join(dirname(target), `.firstlight-${serial}`)
    const { directory, name } = free(path, 'open')
    const file = newFile(Buffer.alloc(0), { mode: 0o600 })
    directory.entries.set(name, file)
    let settled = false
    return {
      path,
      write(chunk) {
        file.data = Buffer.concat([file.data, chunk])
      },
      take(chunk) {
        file.data = Buffer.concat([file.data, chunk])
      },
      settle: async () => undefined,
      commit(options) {
        own(file, options)
        rename(path, target)
        settled = true
      },
      discard() {
        if (!settled) directory.entries.delete(name)
        settled = true
      },
    }
  }

  const write: Files['write'] = (path, data, options) => {
    const pending = create(path)
    try {
      pending.write(bytesOf(data))
      pending.commit(options)
    } finally {
      pending.discard()
    }
  }

  const rename = (from: string, to: string) => {
    const source = walk(root, from, { follow: false, syscall: 'rename' })
    if (!source.node) throw systemError('ENOENT', 'rename', from)
    const place = walk(root, to, { follow: false, syscall: 'rename' })
    if (place.node && place.node.inode === source.node.inode) return
    if (place.node?.type === 'directory') {
      if (source.node.type !== 'directory') throw systemError('EISDIR', 'rename', to)
      if (place.node.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', to)
    } else if (place.node && source.node.type === 'directory') throw systemError('ENOTDIR', 'rename', to)
    source.directory.entries.delete(source.name)
    place.directory.entries.set(place.name, source.node)
  }

  const makeDirectory: Files['makeDirectory'] = (path, options) => {
    const { directory, name } = free(path, 'mkdir')
    const made = emptyDirectory()
    own(made, options)
    directory.entries.set(name, made)
  }

  return {
    read,
    readText: (path) => read(path).toString('utf8'),
    readAt: (path, offset, length) => read(path).subarray(offset, offset + length),
    list(path) {
      const node = find(path, 'scandir')
      if (node.type !== 'directory') throw systemError('ENOTDIR', 'scandir', path)
      return [...node.entries.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    },
    lstat: (path) => statOf(() => find(path, 'lstat', false)),
    stat: (path) => statOf(() => find(path, 'stat')),
    readlink(path) {
      const node = find(path, 'readlink', false)
      if (node.type !== 'symlink') throw systemError('EINVAL', 'readlink', path)
      return node.target
    },
    // a node is not changed in place but for appending
    modifiedAt: (path) => find(path, 'stat').inode * 1000n + BigInt(read(path).length),
    create,
    write,
    writeDurably: write,
    append(path, data, { from } = {}) {
      const node = find(path, 'open', false)
      if (node.type === 'symlink') throw systemError('ELOOP', 'open', path)
      if (node.type !== 'file') throw systemError('EINVAL', 'open', path)
      const chunks =
        typeof data === 'string' || data instanceof Uint8Array ? [bytesOf(data)] : Array.from(data, bytesOf)
      node.data = Buffer.concat([node.data.subarray(0, from), ...chunks])
    },
    makeDirectory,
    symlink(target, path, { uid, gid } = { uid: 0, gid: 0 }) {
      const { directory, name } = free(path, 'symlink')
      directory.entries.set(name, {
        type: 'symlink',
        target,
        mode: 0o777,
        uid,
        gid,
        inode: nextInode(),
      })
    },
    hardLink(existing, path) {
      const node = find(existing, 'link', false)
      if (node.type === 'directory') throw systemError('EPERM', 'link', existing)
      const { directory, name } = free(path, 'link')
      directory.entries.set(name, node)
    },
    chown: (path, uid, gid) => own(find(path, 'lchown', false), { uid, gid }),
    chmod(path, mode) {
      const node = find(path, 'chmod', false)
      if (node.type === 'symlink') throw systemError('ELOOP', 'chmod', path)
      node.mode = mode
    },
    rename,
    remove(path) {
      const place = ignoringAbsence(() => walk(root, path, { follow: false, syscall: 'rm' }))
      place?.directory.entries.delete(place.name)
    },
    shred(path) {
      const place = ignoringAbsence(() => walk(root, path, { follow: false, syscall: 'open' }))
      const node = place?.node
      if (place === undefined || node === undefined) return
      if (node.type === 'symlink') throw systemError('ELOOP', 'open', path)
      if (node.type !== 'file') throw systemError('EINVAL', 'open', path)
      node.data = Buffer.alloc(node.data.length)
      place.directory.entries.delete(place.name)
    },
    removeDirectory(path) {
      const { directory, name } = walk(root, path, { follow: false, syscall: 'rmdir' })
      const node = find(path, 'rmdir', false)
      if (node.type !== 'directory') throw systemError('ENOTDIR', 'rmdir', path)
      if (node.entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path)
      directory.entries.delete(name)
    },
    makeTemporaryDirectory(prefix) {
      serial += 1
      const path = join(temporary, `${prefix}${String(serial).padStart(6, '0')}`)
      makeDirectory(path, { mode: 0o700 })
      return path
    },
    lock(path) {
      const { inode } = find(path, 'open')
      if (locked.has(inode)) return undefined
      locked.add(inode)
      return () => locked.delete(inode)
    },
    sync: (path) => void find(path, 'open'),
    freeBytes(path) {
      find(path, 'statfs')
      return fakeFreeBytes
    },
  }
}

function newFile(
  data: Buffer,
  { mode, uid = 0, gid = 0 }: WriteOptions,
): Extract<TreeNode, { type: 'file' }> {
  return { type: 'file', data, mode, uid, gid, inode: nextInode() }
}

/** As chown(2) and chmod(2), in this order: a file that changes hands loses setuid, and setgid when a group may run it. */
function own(node: TreeNode, { mode, uid, gid }: Partial<WriteOptions>): void {
  if (uid !== undefined || gid !== undefined) {
    node.uid = uid ?? node.uid
    node.gid = gid ?? node.gid
    if (node.type === 'file') node.mode &= node.mode & 0o010 ? 0o1777 : 0o3777
  }
  if (mode !== undefined) node.mode = mode
}

function statOf(look: () => TreeNode): NodeStat | undefined {
  const node = ignoringAbsence(look)
  if (!node) return undefined
  const { type, mode, uid, gid, inode } = node
  const size =
    node.type === 'file' ? node.data.length : node.type === 'symlink' ? Buffer.byteLength(node.target) : 0
  return { type, mode, uid, gid, size, device: 1n, inode }
}
