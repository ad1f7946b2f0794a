import { posix } from 'node:path'
import { IgnitionError } from '../errors.ts'
import { createAccounts } from './accounts.ts'
import { createPathResolver } from './path-resolver.ts'
import { quote } from './quote.ts'
import type { Files, Sysroot } from './system.ts'

/** The new root below `root` (absolute, without a trailing slash; empty for `/`). */
export function createSysroot(files: Files, root: string): Sysroot {
  const paths = createPathResolver(files, root)
  const accounts = createAccounts((path) => readIfPresent(files, paths.follow(path)))
  const directories = new Set<string>()
  return {
    resolve: (path) => paths.resolve(path),
    follow: (path) => paths.follow(path),
    makeParents: (resolved) => makeParents(files, resolved, directories),
    forget() {
      paths.forget()
      accounts.forget()
      directories.clear()
    },
    user: (name) => accounts.user(name),
    group: (name) => accounts.group(name),
    groupsOf: (user) => accounts.groupsOf(user),
  }
}

/** `known` are directories that need no look; those found or made are added. */
function makeParents(files: Files, resolved: string, known: Set<string>): string | undefined {
  const missing: string[] = []
  let directory = posix.dirname(resolved)
  while (directory !== '/' && !known.has(directory)) {
    const found = files.lstat(directory)
    if (found && found.type !== 'directory') throw notADirectory(directory, found.type)
    if (found) break
    missing.push(directory)
    directory = posix.dirname(directory)
  }
  known.add(directory)
  for (const path of missing.toReversed()) {
    files.makeDirectory(path, { mode: 0o755 })
    known.add(path)
  }
  return missing.at(-1)
}

function readIfPresent(files: Files, path: string): string | undefined {
  return files.stat(path)?.type === 'file' ? files.readText(path) : undefined
}

function notADirectory(path: string, type: string): IgnitionError {
  return new IgnitionError({
    code: 'FL_FILE',
    message: `${quote(path)} is a ${type}, not a directory`,
  })
}
