// `npm run build`: dist/firstlight, one executable with Node, the bundle and its code cache, and the names it answers to.
// `npm run build -- --arch arm64`: the same for another processor, below dist/arm64.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { wipeBuiltins } from './builtins.ts'
import { apartFromHugePages, withoutSections } from './elf.ts'
import { withoutRange } from './hole.ts'
import { packIcuData } from './icu.ts'
import { withLock } from './lock.ts'
import { withTableAtEnd } from './program-table.ts'
import { bundleChunks, bundleLoader } from './rolldown.ts'
import { hashInputs } from './stamp.ts'
import { architectures, type Target, targetFor } from './target.ts'

/** The first major version that makes an executable with `--build-sea`. */
const oldestNode = 26
const otherNames = ['ignition', 'ignition-apply', 'ignition-rmcfg', 'ignition-validate']
/**
 * The executable and the process that makes its code cache must agree on all of V8's options, or V8 refuses the cache. A small
 * nursery and one thread of V8's: 101 instead of 183 MiB for 3,000 files, and a third faster.
 */
const nodeArguments = [
  '--disable-warning=ExperimentalWarning',
  '--disable-sigusr1',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
]

const root = dirname(import.meta.dirname)

async function build(target: Target): Promise<void> {
  const { directory } = target
  const inDist = (name: string) => join(directory, name)
  const what = relative(root, inDist('firstlight'))
  runNode('generating sources', [process.execPath, 'build/generate.ts'])
  const stamp = hashInputs(root)
  if (isCurrent(directory, stamp)) return say(`${what} is up to date`)
  const started = performance.now()
  say(`building ${what}`)
  rmSync(inDist('stamp'), { force: true })
  rmSync(inDist('chunks'), { recursive: true, force: true })
  const chunks = await bundle(directory)
  say(`making the code cache of ${chunks.length} chunks`)
  runNode('making the code cache', [
    ...target.start,
    ...nodeArguments,
    'build/warm.ts',
    inDist('chunks'),
    ...chunks,
  ])
  say('putting Node, bundle and code cache together')
  assemble(target, chunks)
  for (const name of otherNames) {
    rmSync(inDist(name), { force: true })
    symlinkSync('firstlight', inDist(name))
  }
  writeFileSync(inDist('stamp'), stamp)
  say(`${what} is ready, ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

function checkMachine(): void {
  if (process.platform !== 'linux') fail('the executable is for Linux and is built on Linux')
  if (Number.parseInt(process.versions.node, 10) < oldestNode)
    fail(
      `Node ${oldestNode} is needed and this is ${process.version}; use \`npm run build\`, which brings its own`,
    )
  if (!existsSync(join(root, 'src/main.ts'))) fail('src/main.ts, where the program begins, is missing')
}

function isCurrent(directory: string, stamp: string): boolean {
  const inDist = (name: string) => join(directory, name)
  const made = ['firstlight', ...otherNames].every((name) => existsSync(inDist(name)))
  return made && existsSync(inDist('stamp')) && readFileSync(inDist('stamp'), 'utf8') === stamp
}

async function bundle(directory: string): Promise<string[]> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  await bundleLoader(root, join(directory, 'loader.js'))
  return bundleChunks({ root, directory: join(directory, 'chunks'), version })
}

/** Strips Node, joins it with the assets, and removes the section table that the joining adds and what is never used. */
function assemble(target: Target, chunks: readonly string[]): void {
  const inDist = (name: string) => join(target.directory, name)
  writeFileSync(inDist('node'), withoutSections(readFileSync(target.node)), { mode: 0o755 })
  const files = chunks.flatMap((name) => [name, `${name}.cache`])
  const config = {
    main: inDist('loader.js'),
    output: inDist('joined'),
    executable: inDist('node'),
    disableExperimentalSEAWarning: true,
    execArgv: nodeArguments,
    execArgvExtension: 'none',
    assets: Object.fromEntries(files.map((name) => [name, join(inDist('chunks'), name)])),
  }
  writeFileSync(inDist('executable.json'), JSON.stringify(config, undefined, 2))
  runNode('joining Node and bundle', [process.execPath, '--build-sea', inDist('executable.json')])
  writeFileSync(
    inDist('joined'),
    withTableAtEnd(apartFromHugePages(trimmed(withoutSections(readFileSync(inDist('joined')))))),
  )
  renameSync(inDist('joined'), inDist('firstlight'))
  rmSync(inDist('node'))
}

/** Without the data and modules of Node that a boot never uses. */
function trimmed(image: Buffer): Buffer {
  const holes = [packIcuData(image), ...wipeBuiltins(image)]
  // from the end, so that those before stay where they are
  return holes.sort((one, other) => other.start - one.start).reduce(withoutRange, image)
}

/** Runs a Node without the caller's NODE_OPTIONS, and shows what it says only when it fails. */
function runNode(purpose: string, command: readonly string[]): void {
  const { NODE_OPTIONS: _, ...env } = process.env
  const [program = process.execPath, ...args] = command
  const result = spawnSync(program, args, { cwd: root, env, encoding: 'utf8' })
  if (result.status === 0) return
  process.stderr.write(`${result.stdout}${result.stderr}`)
  const reason = result.error?.message ?? result.signal ?? `exit code ${result.status}`
  throw new Error(`${purpose} failed: ${reason}`)
}

function say(message: string): void {
  console.error(`firstlight: ${message}`)
}

function fail(message: string): never {
  say(message)
  process.exit(1)
}

/** The architecture of `--arch`, or this machine's. */
function architecture(): Target['architecture'] {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
  const known = architectures.find((name) => name === values.arch)
  return known ?? fail(`--arch: there is no "${values.arch}", only ${architectures.join(' and ')}`)
}

async function main(): Promise<void> {
  checkMachine()
  const target = await targetFor(architecture(), say)
  mkdirSync(target.directory, { recursive: true })
  await withLock(join(target.directory, 'lock'), () => build(target))
}

await main().catch((error: Error) => fail(error.message))
