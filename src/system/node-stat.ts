import type nodeFs from 'node:fs'
import type { FileSystem } from './real-files.ts'
import type { NodeStat, NodeType } from './system.ts'
import { refusal } from './system-error.ts'

/** What a look at a node says; undefined when there is nothing at its path. */
export function statOf(look: () => nodeFs.BigIntStats): NodeStat | undefined {
  const stats = ignoringAbsence(look)
  if (!stats) return undefined
  return {
    type: typeOf(stats),
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    device: stats.dev,
    inode: stats.ino,
  }
}

function typeOf(stats: nodeFs.StatsBase<bigint> | nodeFs.StatsBase<number>): NodeType {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isBlockDevice()) return 'block'
  if (stats.isCharacterDevice()) return 'character'
  return stats.isFIFO() ? 'fifo' : 'socket'
}

/** What a look says; undefined when there is nothing at its path. */
export function ignoringAbsence<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Throws for a node of another type than the one wanted; a link at the last component is one. */
export function refuseUnless(fs: FileSystem, path: string, wanted: NodeType): void {
  const type = typeOf(fs.lstatSync(path))
  if (type === 'symlink') throw refusal('ELOOP', { reason: 'too many symbolic links', syscall: 'open', path })
  if (type !== wanted)
    throw refusal('EINVAL', { reason: `a ${type}, not a ${wanted}`, syscall: 'open', path })
}
