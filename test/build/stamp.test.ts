import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashInputs } from '../../build/stamp.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

function project(): string {
  const root = scratchDirectory()
  mkdirSync(join(root, 'src/system'), { recursive: true })
  writeFileSync(join(root, 'src/main.ts'), 'one')
  writeFileSync(join(root, 'src/system/real.ts'), 'two')
  writeFileSync(join(root, 'package-lock.json'), '{}')
  return root
}

test('the same files give the same stamp, wherever they are', () => {
  expect(hashInputs(project())).toBe(hashInputs(project()))
})

test.each([
  ['a source changes', (root: string) => writeFileSync(join(root, 'src/system/real.ts'), 'three')],
  ['a source is renamed', (root: string) => renameSync(join(root, 'src/main.ts'), join(root, 'src/name.ts'))],
  ['a source is added', (root: string) => writeFileSync(join(root, 'src/more.ts'), '')],
  ['a package changes', (root: string) => writeFileSync(join(root, 'package-lock.json'), '{ }')],
])('the stamp is another one when %s', (_, change) => {
  const root = project()
  const before = hashInputs(root)
  change(root)
  expect(hashInputs(root)).not.toBe(before)
})

test('what is not built in changes nothing', () => {
  const root = project()
  const before = hashInputs(root)
  writeFileSync(join(root, 'README.md'), 'text')
  expect(hashInputs(root)).toBe(before)
})
