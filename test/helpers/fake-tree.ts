import type { NodeType } from '../../src/system/system.ts'

interface Owned {
  mode: number
  uid: number
  gid: number
  readonly inode: bigint
}

/** What a path of the tree in memory leads to. Hard links share one. */
export type TreeNode = Owned &
  (
    | { readonly type: 'file'; data: Buffer }
    | { readonly type: 'directory'; readonly entries: Map<string, TreeNode> }
    | { readonly type: 'symlink'; readonly target: string }
    | { readonly type: 'block'; readonly data: Buffer }
    | { readonly type: Exclude<NodeType, 'file' | 'directory' | 'symlink' | 'block'> }
  )

export type DirectoryNode = Extract<TreeNode, { type: 'directory' }>

/** Where a path ends: the directory, the last name in it, and what is there. */
export interface Place {
  readonly directory: DirectoryNode
  readonly name: string
  readonly node: TreeNode | undefined
}

/** An error with the fields of Node's own. */
export function systemError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path })
}

/** Symbolic links that one walk may follow, as in Linux (`man 7 path_resolution`). */
const maximumLinks = 40

let lastInode = 0n

export function nextInode(): bigint {
  lastInode += 1n
  return lastInode
}

export function emptyDirectory(owner: Omit<Owned, 'inode'> = { mode: 0o755, uid: 0, gid: 0 }): DirectoryNode {
  return { ...owner, type: 'directory', entries: new Map(), inode: nextInode() }
}

/** Walks an absolute path as the kernel does; the last component is followed only when asked. */
export function walk(
  root: DirectoryNode,
  path: string,
  options: { follow: boolean; syscall: string },
): Place {
  let rest = partsOf(path)
  let links = 0
  let trail: DirectoryNode[] = [root]
  for (;;) {
    const directory = trail.at(-1) ?? root
    const [name, ...later] = rest
    if (name === undefined) return { directory, name: '.', node: directory }
    rest = later
    if (name === '.') continue
    if (name === '..') {
      trail = trail.length > 1 ? trail.slice(0, -1) : trail
      continue
    }
    const node = directory.entries.get(name)
    const last = rest.length === 0
    if (node?.type === 'symlink' && (!last || options.follow)) {
      links += 1
      if (links > maximumLinks) throw systemError('ELOOP', options.syscall, path)
      if (node.target.startsWith('/')) trail = [root]
      rest = [...partsOf(node.target), ...rest]
      continue
    }
    if (last) return { directory, name, node }
    if (!node) throw systemError('ENOENT', options.syscall, path)
    if (node.type !== 'directory') throw systemError('ENOTDIR', options.syscall, path)
    trail = [...trail, node]
  }
}

const partsOf = (path: string) => path.split('/').filter((part) => part !== '')
