import { chmodSync, chownSync, linkSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchDirectory } from '../helpers/scratch.ts'
import { compareTree, putTree } from './tree.ts'

const tree = {
  Files: [{ Directory: 'a', Name: 'file', Contents: 'x\n', Mode: 0o640, User: 3, Group: 4 }],
  Directories: [{ Directory: 'a', Name: 'dir', Mode: 0o1777 }],
  Links: [
    { Name: 'soft', Target: 'nowhere' },
    { Name: 'hard', Target: '/a/file', Hard: true },
  ],
}

async function made(): Promise<string> {
  const top = scratchDirectory()
  await putTree(top, tree)
  return top
}

test('a tree is as it was put', async () => {
  expect(await compareTree(await made(), { ...tree, RemovedNodes: [{ Name: 'gone' }] })).toEqual([])
})

test.each<[string, (top: string) => void, string]>([
  ['contents', (top) => writeFileSync(join(top, 'a/file'), 'y\n'), '/a/file holds "y\\n", not "x\\n"'],
  ['a mode', (top) => chmodSync(join(top, 'a/dir'), 0o755), '/a/dir has mode 0755, not 01777'],
  ['a setuid bit', (top) => chmodSync(join(top, 'a/file'), 0o4640), '/a/file has mode 04640, not 0640'],
  ['an owner', (top) => chownSync(join(top, 'a/file'), 3, 0), '/a/file belongs to 3:0, not 3:4'],
  ['a missing directory', (top) => rmSync(join(top, 'a/dir'), { recursive: true }), '/a/dir is missing'],
  ['a link to elsewhere', (top) => relink(join(top, 'soft'), 'there'), '/soft leads to there, not nowhere'],
  ['a copy for a hard link', (top) => copy(join(top, 'hard')), '/hard is not the same as /a/file'],
  ['a file that is to go', (top) => writeFileSync(join(top, 'gone'), ''), '/gone is still there'],
])('a tree that differs by %s is told', async (_, change, problem) => {
  const top = await made()
  change(top)
  expect(await compareTree(top, { ...tree, RemovedNodes: [{ Name: 'gone' }] })).toEqual([problem])
})

function relink(path: string, target: string): void {
  unlinkSync(path)
  symlinkSync(target, path)
}

function copy(path: string): void {
  unlinkSync(path)
  writeFileSync(`${path}.other`, 'x\n')
  linkSync(`${path}.other`, path)
}
