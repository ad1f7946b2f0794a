// `npm run bench`: Firstlight beside the reference from Debian's package, in alternating pairs on this machine.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { ensurePackages, hostPackages } from './packages.ts'

interface BenchRow {
  readonly name: string
  readonly ours: readonly string[]
  readonly reference: readonly string[]
}

const pairs = 25
const warmUps = 2
const root = dirname(import.meta.dirname)
const dist = (name: string) => join(root, 'dist', name)
const reference = hostPackages['reference ignition'].path

const rows: readonly BenchRow[] = [
  { name: 'version', ours: [dist('ignition'), '-version'], reference: [reference, '-version'] },
]

/** Milliseconds from starting the program to its end. Throws when it fails. */
function time([file = '', ...args]: readonly string[]): number {
  const start = performance.now()
  const { status, error } = spawnSync(file, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`)
  return performance.now() - start
}

function measure({ name, ours, reference }: BenchRow): string {
  const times = Array.from({ length: warmUps + pairs }, () => [time(ours), time(reference)] as const)
  const counted = times.slice(warmUps)
  const own = median(counted.map(([first]) => first))
  const other = median(counted.map(([, second]) => second))
  const ratio = median(counted.map(([first, second]) => first / second))
  return [name.padEnd(12), own.toFixed(1), other.toFixed(1), ratio.toFixed(2)].join('\t')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

ensurePackages(['reference ignition'])
const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, stdio: 'inherit' })
if (built.status !== 0) process.exit(1)
console.log(`medians of ${pairs} pairs\nrow         \tfirstlight ms\treference ms\tratio`)
for (const row of rows) console.log(measure(row))
