/** Local files that a config on the desk may embed. At boot there are none. */
export interface LocalFiles {
  /** `path` is clean, and relative to the directory for local files. */
  read(path: string): LocalRead
  /** Everything below a directory, parents before what is in them; names with slashes, relative to it. */
  walk(path: string): LocalWalk
}

export type LocalRead = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | LocalFault

export type LocalWalk = { readonly kind: 'nodes'; readonly nodes: readonly LocalNode[] } | LocalFault

/** Why it cannot be read, as half a sentence. */
interface LocalFault {
  readonly kind: 'fault'
  readonly reason: string
}

/** One thing in a local directory; its own path there is `''`. */
export type LocalNode =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** A device, socket or pipe. */
  | { readonly kind: 'other'; readonly path: string }

/** Without empty, `.` and `..` parts; undefined when it leads out of the directory for local files. */
export function cleanLocalPath(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
