// Writes every file that is made from a table. A test holds the files in the tree equal to what this would write.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated.ts'

const root = dirname(import.meta.dirname)

for (const { path, text } of generatedFiles) {
  const file = join(root, path)
  const wanted = text()
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, wanted)
  console.log(`wrote ${path}`)
}
