import { dirname, join } from 'node:path'
import type { FileSystem } from './real-files.ts'

/** Names of nodes that are not finished yet; no longer than any name of a target may be. */
export interface Temporaries {
  /** A free path in the target's directory. */
  beside(target: string): string
}

const pattern = /^\.firstlight-\d+-[\da-z]+$/

/**
 * Temporary names by process and clock. What an earlier process has left in a directory, cut off before it could tidy
 * up, is removed when the first name in that directory is asked for: what was to replace it is made again right there.
 */
export function createTemporaries(fs: FileSystem): Temporaries {
  const own = new Set<string>()
  const swept = new Set<string>()
  return {
    beside(target) {
      const directory = dirname(target)
      if (!swept.has(directory)) sweep(fs, directory, own)
      swept.add(directory)
      const name = `.firstlight-${process.pid}-${process.hrtime.bigint().toString(36)}`
      own.add(name)
      return join(directory, name)
    },
  }
}

function sweep(fs: FileSystem, directory: string, own: ReadonlySet<string>): void {
  let names: readonly string[]
  try {
    names = fs.readdirSync(directory)
  } catch {
    // whoever asked for a name in here will say so in better words
    return
  }
  for (const name of names) {
    if (!pattern.test(name) || own.has(name)) continue
    fs.rmSync(join(directory, name), { recursive: true, force: true })
  }
}
