// `npm run bench [-- GROUP...]`: Firstlight beside the reference of Debian's package, in alternating pairs on this
// machine. Prints one table and writes bench/results.json.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type BenchCommand, type BenchRow, prepareBenchWork } from './bench-work.ts'
import { ensurePackages } from './packages.ts'

const warmUps = 1
const root = dirname(import.meta.dirname)

interface Result {
  readonly group: string
  readonly name: string
  readonly pairs: number
  /** Medians, in milliseconds. */
  readonly milliseconds: number
  readonly referenceMilliseconds: number
  /** Median of the ratios pair by pair. */
  readonly ratio: number
  /** Peak resident size of the largest process, in MiB, with the shared pages of its executable. */
  readonly peakMiB: number
  readonly referencePeakMiB: number
}

/** Milliseconds from starting the program to its end. Throws when it fails. */
async function time([file, ...args]: BenchCommand, env: BenchRow['env']): Promise<number> {
  const start = performance.now()
  const child = spawn(file, args, { stdio: 'ignore', env })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: exit code ${status}`)
  return performance.now() - start
}

/** Peak resident size in MiB, as GNU time reports it. */
async function peak(
  command: BenchCommand,
  { env, file }: { env: BenchRow['env']; file: string },
): Promise<number> {
  await time(['/usr/bin/time', '-f', '%M', '-o', file, ...command], env)
  return Number(readFileSync(file, 'utf8')) / 1024
}

async function measure(row: BenchRow, scratch: string): Promise<Result> {
  const { group, name, pairs, ours, reference, env, before, beforeOurs, oursForPeak = ours } = row
  for (const command of before) await time(command, env)
  const own: number[] = []
  const other: number[] = []
  for (let pair = -warmUps; pair < pairs; pair++) {
    if (beforeOurs) await time(beforeOurs, env)
    const first = await time(ours, env)
    const second = await time(reference, env)
    if (pair < 0) continue
    own.push(first)
    other.push(second)
  }
  const file = join(scratch, 'peak')
  return {
    group,
    name,
    pairs,
    milliseconds: median(own),
    referenceMilliseconds: median(other),
    ratio: median(own.map((milliseconds, index) => milliseconds / (other[index] ?? Number.NaN))),
    peakMiB: await peak(oursForPeak, { env, file }),
    referencePeakMiB: await peak(reference, { env, file }),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

const columns = ['what', 'ms', 'reference ms', 'ratio', 'peak MiB', 'reference'] as const

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(40) : cell.padStart(13))).join(''))
}

function cellsOf(result: Result): string[] {
  const { name, milliseconds, referenceMilliseconds, ratio, peakMiB, referencePeakMiB } = result
  const numbers = [milliseconds.toFixed(1), referenceMilliseconds.toFixed(1), ratio.toFixed(2)]
  return [name, ...numbers, peakMiB.toFixed(0), referencePeakMiB.toFixed(0)]
}

async function main(groups: readonly string[]): Promise<void> {
  ensurePackages(['reference ignition', 'time'])
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(1)
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-bench-'))
  const work = await prepareBenchWork({ scratch, dist: join(root, 'dist') })
  const wanted = work.rows.filter(({ group }) => groups.length === 0 || groups.includes(group))
  const results: Result[] = []
  try {
    if (wanted.length === 0)
      throw new Error(
        `no rows of ${groups.join(', ')}; there are ${[...new Set(work.rows.map((row) => row.group))].join(', ')}`,
      )
    print(columns)
    for (const row of wanted) {
      const result = await measure(row, scratch)
      results.push(result)
      print(cellsOf(result))
    }
  } finally {
    work.close()
    rmSync(scratch, { recursive: true })
  }
  writeResults(results)
}

function writeResults(results: readonly Result[]): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`
  const text = JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, results }, undefined, 2)
  mkdirSync(join(root, 'bench'), { recursive: true })
  writeFileSync(join(root, 'bench', 'results.json'), `${text}\n`)
}

await main(process.argv.slice(2))
