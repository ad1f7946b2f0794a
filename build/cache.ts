import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'

/** The checkout. */
export const checkout = join(import.meta.dirname, '..')

const folder = join(checkout, '.cache', 'machine')

/** Says what takes long, one line each time. */
export type Progress = (message: string) => void

interface CacheEntry {
  readonly name: string
  /** Digest of everything that the result depends on. */
  readonly key: string
  /** Fills an empty folder with the result. */
  readonly build: (folder: string) => Promise<void>
}

/** The folder with a result that is built once for each key. The three newest of each name are kept. */
export async function cached({ name, key, build }: CacheEntry): Promise<string> {
  const finished = join(folder, `${name}-${key}`)
  if (existsSync(finished)) return finished
  mkdirSync(folder, { recursive: true })
  const working = mkdtempSync(join(folder, `.${name}-`))
  try {
    await build(working)
    renameSync(working, finished)
    removeOlder(name)
  } finally {
    rmSync(working, { recursive: true, force: true })
  }
  return finished
}

function removeOlder(name: string): void {
  const results = readdirSync(folder).filter((entry) => entry.startsWith(`${name}-`))
  const byAge = results
    .map((entry) => join(folder, entry))
    .sort((a, b) => lstatSync(b).ctimeMs - lstatSync(a).ctimeMs)
  for (const old of byAge.slice(3)) rmSync(old, { recursive: true, force: true })
}

/** A short digest (16 hexadecimal digits) of text or bytes, in order. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}

/** The same for files and folders: names, permissions and contents, not times. */
export function digestFiles(...paths: readonly string[]): string {
  return digest(...paths.flatMap((path) => describeTree(path, '')))
}

function describeTree(path: string, name: string): (string | Uint8Array)[] {
  const stat = lstatSync(path)
  const head = `${name} ${stat.mode}`
  if (!stat.isDirectory()) return [head, readFileSync(path)]
  const children = readdirSync(path).sort()
  return [head, ...children.flatMap((child) => describeTree(join(path, child), `${name}/${child}`))]
}
