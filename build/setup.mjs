// Entry of every npm script. Plain JavaScript for any Node that can run npm: it installs what is missing, then
// hands over to the project's own Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')

/** What `npm run check` runs, and the layer `check` of `npm test`. */
const checks = JSON.parse(readFileSync(join(root, 'build', 'checks.json'), 'utf8'))

const tasks = {
  start: [['node', 'build/start.ts']],
  test: [['node', 'build/test.ts']],
  build: [['node', 'build/bundle.ts']],
  bench: [['node', 'build/bench.ts']],
  generate: [['node', 'build/generate.ts']],
  lab: [['node', 'build/lab.ts']],
  check: checks,
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) fail(`cannot start ${command}: ${result.error.message}`)
  return result.status ?? 1
}

function fail(message) {
  console.error(`firstlight: ${message}`)
  process.exit(1)
}

/** npm packages, again whenever the lock file has changed. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.firstlight-lock')
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return installLibraries()
  console.error('firstlight: installing npm packages')
  npmInstall(process.execPath)
  if (!existsSync(join(bin, 'node')))
    fail('the npm package `node` has no executable for this machine; allow its install script')
  installLibraries()
  // once more with the project's Node: npm leaves out native parts that the Node it runs on is too old for
  npmInstall(join(bin, 'node'))
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lock)
}

/** Runs npm on a Node; npm tells its scripts where it is. */
function npmInstall(node) {
  const npm = process.env.npm_execpath
  // not `npm ci`: it refuses a lock file that leaves out optional packages of platforms that the registry lacks
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const env = { ...process.env, NODE_NO_WARNINGS: '1' }
  const status = npm?.endsWith('.js') ? run(node, [npm, ...args], { env }) : run('npm', args)
  if (status !== 0)
    fail('`npm install` failed; its message above names the package. Is the npm registry reachable?')
}

/** Libraries that the published Node is linked to and that a small Debian lacks: library → package. */
const nodeLibraries = { 'libatomic.so.1': 'libatomic1', 'libstdc++.so.6': 'libstdc++6' }

/** The project's Node starts, or says which library it misses. */
function installLibraries() {
  const tryNode = () => spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' })
  const first = tryNode()
  if (first.status === 0) return
  const packages = Object.values(nodeLibraries).join(' ')
  const missing = first.stderr?.trim() || first.error?.message
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0)
    fail(`the project's Node does not start: ${missing}\nOn Debian: apt-get install ${packages} (as root)`)
  console.error(`firstlight: installing Debian packages: ${packages}`)
  const apt = (...args) =>
    run('apt-get', ['-qq', '-y', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  if (apt('install', ...Object.values(nodeLibraries)) !== 0) {
    apt('update')
    apt('install', ...Object.values(nodeLibraries))
  }
  const second = tryNode()
  if (second.status !== 0)
    fail(`the project's Node does not start: ${second.stderr}\nTry: apt-get install ${packages}`)
}

const [name, ...rest] = process.argv.slice(2)
const steps = tasks[name]
if (!steps) fail(`no task named "${name}"; there are: ${Object.keys(tasks).join(', ')}`)
installPackages()
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
}
for (const [command, ...args] of steps) {
  const status = run(join(bin, command), [...args, ...rest], { env })
  if (status !== 0) process.exit(status)
}
