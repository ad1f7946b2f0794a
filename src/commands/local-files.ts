import { resolve } from 'node:path'
import type { LocalFiles, LocalNode, LocalRead, LocalWalk } from '../spec/yaml/local.ts'
import type { Files } from '../system/system.ts'

/** Local files below a directory of the desk. Links in it are followed when a config names them. */
export function createLocalFiles(files: Files, directory: string): LocalFiles {
  const root = resolve(directory)
  const absolute = (path: string) => (path === '' ? root : `${root}/${path}`)
  return {
    read(path): LocalRead {
      try {
        return { kind: 'bytes', bytes: files.read(absolute(path)) }
      } catch (error) {
        return fault(error)
      }
    },
    walk(path): LocalWalk {
      try {
        const top = absolute(path)
        if (files.stat(top)?.type !== 'directory')
          return { kind: 'fault', reason: `there is no directory ${top}` }
        return { kind: 'nodes', nodes: [{ kind: 'directory', path: '' }, ...below(files, top, '')] }
      } catch (error) {
        return fault(error)
      }
    },
  }
}

const fault = (error: unknown) => ({
  kind: 'fault' as const,
  reason: error instanceof Error ? error.message : String(error),
})

function below(files: Files, top: string, around: string): readonly LocalNode[] {
  const directory = around === '' ? top : `${top}/${around}`
  return files.list(directory).flatMap((name) => {
    const path = around === '' ? name : `${around}/${name}`
    const node = nodeAt(files, top, path)
    return node.kind === 'directory' ? [node, ...below(files, top, path)] : [node]
  })
}

function nodeAt(files: Files, top: string, path: string): LocalNode {
  const stat = files.lstat(`${top}/${path}`)
  if (stat?.type === 'directory') return { kind: 'directory', path }
  if (stat?.type === 'file') return { kind: 'file', path, executable: (stat.mode & 0o111) !== 0 }
  if (stat?.type === 'symlink') return { kind: 'link', path, target: files.readlink(`${top}/${path}`) }
  return { kind: 'other', path }
}
