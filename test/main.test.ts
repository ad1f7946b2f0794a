import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchDirectory } from './helpers/scratch.ts'

const program = join(import.meta.dirname, '../src/main.ts')

const run = (preload: string, args: readonly string[] = ['--version'], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, program, ...args],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  )

test('a process that ends before its command has is no success, and says so', () => {
  expect(run('').status).toBe(0)
  // what it looks like when nothing is left to wait for
  const { status, stderr } = run('process.exit = () => undefined')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^firstlight failed\n {2}why: +nothing is left to wait for/)
})

/** Runs code in the middle of a stage: one that waits for a drive. */
function amidst(code: string) {
  const directory = scratchDirectory()
  writeFileSync(join(directory, 'cmdline'), 'ignition.config.device=none ignition.config.path=/x\n')
  const paths = ['config-cache', 'state-file', 'neednet'].map((flag) => `--${flag}=${join(directory, flag)}`)
  return run(
    `setTimeout(() => { ${code} }, 1000)`,
    ['stage', 'fetch-offline', '--platform=metal', '--log-to-stdout', '--trace=none', ...paths],
    { IGNITION_KERNEL_CMDLINE_PATH: join(directory, 'cmdline'), FIRSTLIGHT_RUN_DIR: directory },
  )
}

test.each([
  ['an event', "throw new Error('of an event')"],
  ['a promise', "void Promise.reject(new Error('of a promise'))"],
])('an error of %s that nobody has is told as any other, not as a stack trace', (what, code) => {
  const { status, stderr, stdout } = amidst(code)
  expect(stdout).toContain('Stage: fetch-offline')
  expect(status).toBe(1)
  expect(stderr).toMatch(new RegExp(`^firstlight failed\\n {2}why: +of ${what}\\n`))
  expect(stderr).not.toContain('    at ')
})
