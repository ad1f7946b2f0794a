import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runInGuest } from '../../build/lab/guest.ts'
import { ensurePackages } from '../../build/packages.ts'

const project = join(import.meta.dirname, '..', '..')

interface Result {
  readonly name: string
  readonly passed: boolean
  /** What the test said, when it failed. */
  readonly said: string
}

/** Node's own runner runs these in one guest and one process: vitest itself takes too long to start there. */
async function runInOneGuest(files: readonly string[]): Promise<{ results: Result[]; said: string }> {
  ensurePackages(['sgdisk', 'mkfs.btrfs', 'mkfs.fat', 'mkfs.xfs', 'cryptsetup', 'mdadm', 'partx'])
  ensurePackages(['genisoimage', 'mcopy', 'mke2fs', 'losetup', 'ip'])
  ensurePackages(['clevis-luks-bind', 'clevis-encrypt-tpm2', 'jose', 'swtpm', 'tang server'])
  const said = { stdout: '', stderr: '' }
  const options = ['--test', '--test-isolation=none', '--test-reporter=tap']
  await runInGuest({
    command: [join(project, 'node_modules', '.bin', 'node'), ...options, ...files],
    folder: project,
    environment: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    timeoutSeconds: 1200,
    onOutput: (stream, bytes) => {
      said[stream] += bytes.toString()
    },
  })
  return { results: readTap(said.stdout), said: `${said.stdout}${said.stderr}` }
}

/** TAP as Node writes it: a line `ok 1 - name` or `not ok 1 - name`, then what there is to say, indented. */
function readTap(text: string): Result[] {
  return text.split(/^(?=(?:not )?ok \d+ - )/m).flatMap((part) => {
    const [, not, name] = /^(not )?ok \d+ - (.*)$/m.exec(part) ?? []
    return name === undefined
      ? []
      : [{ name: name.replaceAll(/\\([\\#])/g, '$1'), passed: not === undefined, said: part }]
  })
}

const { results, said } = await runInOneGuest(globSync('test/lab/*.lab.ts', { cwd: project }).sort())

test('every test file of the guest ran to its end', () => {
  const counted = Number(/^# tests (\d+)$/m.exec(said)?.[1])
  expect(results, said).toHaveLength(counted)
  expect(counted).toBeGreaterThan(0)
})

for (const result of results)
  test(result.name, () => {
    expect(result.passed, result.said).toBe(true)
  })
