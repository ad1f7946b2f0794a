// `npm run bench`: Firstlight beside the reference of Debian's package, in alternating pairs on this machine.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type BenchRow, prepareBenchWork } from './bench-work.ts'
import { ensurePackages } from './packages.ts'

const pairs = 25
const warmUps = 2
const root = dirname(import.meta.dirname)

/** Milliseconds from starting the program to its end. Throws when it fails. */
async function time([file, ...args]: readonly [string, ...string[]], env: BenchRow['env']): Promise<number> {
  const start = performance.now()
  const child = spawn(file, args, { stdio: 'ignore', env })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: exit code ${status}`)
  return performance.now() - start
}

async function measure({ name, ours, reference, env, before }: BenchRow): Promise<string> {
  for (const command of before) await time(command, env)
  const own: number[] = []
  const other: number[] = []
  for (let pair = -warmUps; pair < pairs; pair++) {
    const first = await time(ours, env)
    const second = await time(reference, env)
    if (pair < 0) continue
    own.push(first)
    other.push(second)
  }
  const ratio = median(own.map((milliseconds, index) => milliseconds / (other[index] ?? Number.NaN)))
  return [name.padEnd(28), median(own).toFixed(1), median(other).toFixed(1), ratio.toFixed(2)].join('\t')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

async function main(): Promise<void> {
  ensurePackages(['reference ignition'])
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(1)
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-bench-'))
  const work = await prepareBenchWork({ scratch, dist: join(root, 'dist') })
  console.log(`medians of ${pairs} pairs`)
  console.log(['what'.padEnd(28), 'ms', 'reference ms', 'ratio'].join('\t'))
  try {
    for (const row of work.rows) console.log(await measure(row))
  } finally {
    work.close()
    rmSync(scratch, { recursive: true })
  }
}

await main()
