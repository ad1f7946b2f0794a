import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../../build/lock.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

test('work under one lock does not overlap', async () => {
  const folder = join(scratchDirectory(), 'lock')
  const seen: string[] = []
  const work = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    seen.push(`${name} ends`)
  }
  await Promise.all([withLock(folder, work('a')), withLock(folder, work('b'))])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  expect(existsSync(folder)).toBe(false)
})

test('failed work gives the lock back', async () => {
  const folder = join(scratchDirectory(), 'lock')
  const failure = withLock(folder, async () => Promise.reject(new Error('broken')))
  await expect(failure).rejects.toThrow('broken')
  expect(await withLock(folder, async () => 7)).toBe(7)
})

test('a lock whose process is gone is taken over', async () => {
  const folder = join(scratchDirectory(), 'lock')
  const { pid } = spawnSync(process.execPath, ['-e', '0'])
  mkdirSync(folder)
  writeFileSync(join(folder, 'pid'), String(pid))
  expect(await withLock(folder, async () => 7)).toBe(7)
})
