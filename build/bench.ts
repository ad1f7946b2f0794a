// `npm run bench [-- GROUP...]`: Firstlight beside the reference of Debian's package, in alternating pairs on this
// machine. Prints one table and writes bench/results.json.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type BootTimes, timeBoots } from './bench-boot.ts'
import { type Peak, peakOf } from './bench-memory.ts'
import { measureGrowth, type SizeResult, sizeGroup } from './bench-size.ts'
import { lostTargets, missedTargets } from './bench-targets.ts'
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
  /** Of the largest process; unknown in a machine. */
  readonly peak?: Peak
  readonly referencePeak?: Peak
}

/** Milliseconds from starting the program to its end. Throws when it fails. */
async function time([file, ...args]: BenchCommand, env: BenchRow['env']): Promise<number> {
  const start = performance.now()
  const child = spawn(file, args, { stdio: 'ignore', env })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: exit code ${status}`)
  return performance.now() - start
}

async function measure(row: BenchRow, scratch: string): Promise<Result> {
  const { group, name, pairs, ours, reference, env, before, beforeEach, beforeOurs, oursForPeak = ours } = row
  const prepare = async () => (beforeEach ? time(beforeEach, env) : 0)
  for (const command of before) await time(command, env)
  const own: number[] = []
  const other: number[] = []
  for (let pair = -warmUps; pair < pairs; pair++) {
    if (beforeOurs) await time(beforeOurs, env)
    await prepare()
    const first = await time(ours, env)
    await prepare()
    const second = await time(reference, env)
    if (pair < 0) continue
    own.push(first)
    other.push(second)
  }
  const file = join(scratch, 'peak')
  await prepare()
  const peak = await peakOf(oursForPeak, { env, file })
  await prepare()
  const referencePeak = await peakOf(reference, { env, file })
  return {
    ...summary({ name, own, other }),
    group,
    peak,
    referencePeak,
  }
}

function summary({ name, own, other }: BootTimes): Omit<Result, 'group'> {
  return {
    name,
    pairs: own.length,
    milliseconds: median(own),
    referenceMilliseconds: median(other),
    ratio: median(own.map((milliseconds, index) => milliseconds / (other[index] ?? Number.NaN))),
  }
}

/** Minutes: only when asked for by name, or with everything. */
async function measureBoots(groups: readonly string[]): Promise<Result[]> {
  if (groups.length > 0 && !groups.includes('boot')) return []
  const times = await timeBoots((message) => console.error(`firstlight: ${message}`))
  return times.map((row) => ({ ...summary(row), group: 'boot' }))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Peaks are those of the largest process: in the row of all stages, the resident peak of any stage. */
const columns = [
  'what',
  'ms',
  'reference ms',
  'ratio',
  'peak MiB',
  'reference',
  'private MiB',
  'reference',
] as const

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(40) : cell.padStart(13))).join(''))
}

function cellsOf(result: Result): string[] {
  const { name, milliseconds, referenceMilliseconds, ratio, peak, referencePeak } = result
  const times = [milliseconds.toFixed(1), referenceMilliseconds.toFixed(1), ratio.toFixed(2)]
  const peaks = [peak?.residentMiB, referencePeak?.residentMiB, peak?.privateMiB, referencePeak?.privateMiB]
  return [name, ...times, ...peaks.map((size) => size?.toFixed(0) ?? '-')]
}

async function main(groups: readonly string[]): Promise<void> {
  ensurePackages(['reference ignition', 'time', 'zstd'])
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) process.exit(1)
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-bench-'))
  const work = await prepareBenchWork({ scratch, dist: join(root, 'dist') })
  const wanted = work.rows.filter(({ group }) => groups.length === 0 || groups.includes(group))
  const wantsSize = groups.length === 0 || groups.includes(sizeGroup)
  const results: (Result | SizeResult)[] = []
  try {
    const known = new Set([...work.rows.map((row) => row.group), sizeGroup, 'boot'])
    const unknown = groups.filter((group) => !known.has(group))
    if (unknown.length > 0)
      throw new Error(`no rows of ${unknown.join(', ')}; there are ${[...known].join(', ')}`)
    print(columns)
    for (const row of wanted) {
      const result = await measure(row, scratch)
      results.push(result)
      print(cellsOf(result))
    }
    for (const result of await measureBoots(groups)) {
      results.push(result)
      print(cellsOf(result))
    }
  } finally {
    work.close()
    rmSync(scratch, { recursive: true })
  }
  if (wantsSize) {
    const size = measureGrowth()
    results.push(size)
    const { name, megabytes, referenceMegabytes, ratio } = size
    print([name, `${megabytes.toFixed(1)} MB`, `${referenceMegabytes.toFixed(1)} MB`, ratio.toFixed(2)])
  }
  const reached = results.map((result) => ('megabytes' in result ? result : { ...result, ...result.peak }))
  for (const line of missedTargets(reached)) console.log(line)
  const lost = groups.length === 0 ? lostTargets(reached) : []
  if (lost.length > 0) throw new Error(`targets of rows that there are not: ${lost.join(', ')}`)
  writeResults(results)
}

function writeResults(results: readonly (Result | SizeResult)[]): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`
  const text = JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, results }, undefined, 2)
  mkdirSync(join(root, 'bench'), { recursive: true })
  writeFileSync(join(root, 'bench', 'results.json'), `${text}\n`)
}

await main(process.argv.slice(2))
