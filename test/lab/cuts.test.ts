import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runInGuest } from '../../build/lab/guest.ts'
import { ensurePackages } from '../../build/packages.ts'
import { cutSeed } from '../helpers/chance.ts'

/** Power cuts at disks, in all; FIRSTLIGHT_CUTS for more. A cut and the boot after it take a guest several seconds. */
const count = Number(process.env['FIRSTLIGHT_CUTS'] ?? 30)

const guests = 2

interface Cut {
  readonly kind: 'cut'
  readonly before: string
  readonly way: string
  readonly passed: boolean
  readonly said: string
}

const project = join(import.meta.dirname, '..', '..')

const cuts: Cut[] = []

async function cutInGuest(share: number): Promise<void> {
  const said = { stdout: '', stderr: '' }
  const exitCode = await runInGuest({
    command: [
      join(project, 'node_modules', '.bin', 'node'),
      'test/lab/cuts/main.ts',
      ...[cutSeed, count, share, guests].map(String),
    ],
    folder: project,
    environment: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    cpu: share,
    timeoutSeconds: 3000,
    onOutput: (stream, bytes) => {
      said[stream] += bytes.toString()
    },
  })
  expect(exitCode, `${said.stdout}${said.stderr}`).toBe(0)
  const records = said.stdout.split('\n').filter((line) => line.startsWith('{'))
  cuts.push(...records.map((line) => JSON.parse(line) as Cut).filter(({ kind }) => kind === 'cut'))
}

beforeAll(async () => {
  ensurePackages(['sgdisk', 'mkfs.fat', 'cryptsetup', 'mdadm', 'partx', 'mke2fs'])
  await Promise.all(Array.from({ length: guests }, (_, share) => cutInGuest(share)))
}, 3_100_000)

test(`the boot after a power cut ends as if nothing had been (FIRSTLIGHT_CUT_SEED=${cutSeed})`, () => {
  expect(cuts).toHaveLength(count)
  const wrong = cuts.filter(({ passed }) => !passed)
  expect(wrong.map(({ way, before, said }) => `${way}, ${before}: ${said}`)).toEqual([])
})
