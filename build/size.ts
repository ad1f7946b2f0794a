// `node build/size.ts`: measures dist/firstlight and writes build/size-budget.json, for a growth that is meant.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'

const root = dirname(import.meta.dirname)

/** Bytes of what goes into an initramfs. */
export interface Sizes {
  /** The bundle's JavaScript. */
  readonly bundle: number
  /** The executable. */
  readonly executable: number
  /** The executable as zstd packs it at a level that takes a second; dracut's packs a tenth better. */
  readonly compressed: number
}

const quickLevel = 3

export function measureSizes(): Sizes {
  const chunks = join(root, 'dist/chunks')
  const scripts = readdirSync(chunks).filter((name) => name.endsWith('.js'))
  const executable = readFileSync(join(root, 'dist/firstlight'))
  const params = { [constants.ZSTD_c_compressionLevel]: quickLevel }
  return {
    bundle: scripts.reduce((sum, name) => sum + readFileSync(join(chunks, name)).length, 0),
    executable: executable.length,
    compressed: zstdCompressSync(executable, { params }).length,
  }
}

/** The numbers that CI holds the project to, of an x86-64 executable. */
export const budgetPath = join(root, 'build/size-budget.json')

if (import.meta.main) writeFileSync(budgetPath, `${JSON.stringify(measureSizes(), undefined, 2)}\n`)
