import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const program = join(import.meta.dirname, '../src/main.ts')

const run = (preload: string) =>
  spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, program, '--version'],
    { encoding: 'utf8' },
  ).status

test('a process that ends before its command has is no success', () => {
  expect(run('')).toBe(0)
  // what it looks like when nothing is left to wait for
  expect(run('process.exit = () => undefined')).toBe(1)
})
