import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const inputs = ['src', 'build', 'package.json', 'package-lock.json', 'tsconfig.json']

/** One hash over the names and contents of all that goes into the executable, and over the Node that builds it. */
export function hashInputs(root: string): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`)
  for (const path of inputs.flatMap((input) => filesBelow(root, input)))
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function filesBelow(root: string, path: string): string[] {
  if (!existsSync(join(root, path))) return []
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(root, join(path, name)))
}
