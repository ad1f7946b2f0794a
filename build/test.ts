// npm test: every layer in turn, a line as each starts and ends, and the sum as the last line.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import checks from './checks.json' with { type: 'json' }
import { ensurePackages, type HostProgram, hostPackages } from './packages.ts'

interface Count {
  readonly passed: number
  readonly failed: number
}

interface Layer {
  readonly name: string
  /** It starts programs that a machine may not have. */
  readonly needsPackages?: boolean
  run(): Promise<Count>
}

const root = join(import.meta.dirname, '..')
const reports = join(root, '.cache', 'reports')

/** Quick ones first. The names are those of the projects in vitest.config.ts, but for `check` and `build`. */
const layers: readonly Layer[] = [
  { name: 'check', run: () => countSteps(checks as [string, ...string[]][]) },
  { name: 'unit', run: () => vitest('unit', 'default') },
  { name: 'property', needsPackages: true, run: () => vitest('property', 'default') },
  { name: 'build', run: () => countSteps([['node', 'build/bundle.ts']]) },
  { name: 'seam', needsPackages: true, run: () => vitest('seam', 'default') },
  { name: 'lab', needsPackages: true, run: () => vitest('lab', 'verbose') },
  { name: 'boot', needsPackages: true, run: () => vitest('boot', 'verbose') },
]

/** What only the benchmark needs stays out. */
const testPackages = (Object.keys(hostPackages) as HostProgram[]).filter(
  (name) => name !== 'reference ignition' && name !== 'time',
)

function install(): void {
  try {
    ensurePackages(testPackages)
  } catch (error) {
    console.error(`firstlight: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** Runs a program with our own outputs; resolves with its exit code. */
function run([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Each command is one test: it passes when it exits with 0. */
async function countSteps(steps: readonly (readonly [string, ...string[]])[]): Promise<Count> {
  let failed = 0
  for (const step of steps) if ((await run(step)) !== 0) failed++
  return { passed: steps.length - failed, failed }
}

async function vitest(project: string, reporter: 'default' | 'verbose'): Promise<Count> {
  const report = join(reports, `${project}.json`)
  rmSync(report, { force: true })
  const status = await run([
    'vitest',
    'run',
    `--project=${project}`,
    `--reporter=${reporter}`,
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  const count = readCount(report)
  // a crash, or an error outside a test, fails the layer even when every test that ran passed
  return status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
}

function readCount(report: string): Count {
  try {
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<
      string,
      number
    >
    const passed = numPassedTests ?? 0
    // a test that was skipped is not one that passed
    return { passed, failed: (numTotalTests ?? 0) - passed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

mkdirSync(reports, { recursive: true })
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !layers.some((layer) => layer.name === name))
if (unknown.length > 0) {
  console.error(`no test layer ${unknown.join(', ')}; there are ${layers.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const chosen = layers.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
// all at once and before any test: two tests that install side by side would wait for each other's lock, and fail
if (chosen.some(({ needsPackages }) => needsPackages)) install()
const total = { passed: 0, failed: 0 }
for (const layer of chosen) {
  const started = performance.now()
  console.log(`layer ${layer.name}: started`)
  const { passed, failed } = await layer.run()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`layer ${layer.name}: ${passed} passed, ${failed} failed in ${seconds} s`)
  total.passed += passed
  total.failed += failed
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
