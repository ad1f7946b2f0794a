import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runInGuest } from '../../build/lab/guest.ts'
import { ensurePackages } from '../../build/packages.ts'
import { loadCases } from '../blackbox/case.ts'
import type { Verdict } from '../blackbox/run-case.ts'

/** Each has 2 GiB, of which it uses what its cases need. */
const MOST_GUESTS = 6

const project = join(import.meta.dirname, '..', '..')

const names = loadCases().map(({ Name }) => Name)
const verdicts = new Map<string, Verdict>()
const guests: string[] = []

/** One guest for many cases: starting Node in a guest takes longer than a case outside. */
async function runCases(chosen: readonly string[], cpu: number): Promise<void> {
  const node = join(project, 'node_modules', '.bin', 'node')
  let stdout = ''
  let stderr = ''
  const exitCode = await runInGuest({
    command: [node, 'test/blackbox/main.ts', '--json', ...chosen.map((name) => `--case=${name}`)],
    folder: project,
    environment: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    cpu,
    timeoutSeconds: 3000,
    onOutput: (stream, bytes) => {
      if (stream === 'stdout') stdout += bytes.toString()
      else stderr += bytes.toString()
    },
  })
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const verdict = JSON.parse(line) as Verdict
    verdicts.set(verdict.name, verdict)
  }
  if (exitCode > 1) guests.push(`the runner ended with ${exitCode}: ${stderr}`)
}

beforeAll(async () => {
  ensurePackages([
    'sgdisk',
    'sfdisk',
    'losetup',
    'mke2fs',
    'mkfs.fat',
    'mkfs.xfs',
    'mkfs.btrfs',
    'cryptsetup',
    'mdadm',
    'systemctl',
    'bzip2',
  ])
  const count = Math.min(availableParallelism(), MOST_GUESTS, names.length)
  const shares = Array.from({ length: count }, (_, cpu) => names.filter((_, index) => index % count === cpu))
  await Promise.all(shares.map((share, cpu) => runCases(share, cpu)))
}, 3_100_000)

test('the runner of every guest came to its end', () => {
  expect(guests).toEqual([])
})

test.each(names)('%s', (name) => {
  const { passed, said } = verdicts.get(name) ?? { passed: false, said: 'the case did not run' }
  expect(passed, said).toBe(true)
})
