import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePackages } from '../../build/packages.ts'
import { referenceVersion } from '../../src/version.ts'

const root = resolve(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const program = join(dist, 'firstlight')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const ownVersion = {
  status: 0,
  stderr: '',
  stdout: `Firstlight ${version} (stands in for Ignition ${referenceVersion})\n`,
}

/** Beside the executable, so that a hard link can stand for a copy of 110 MiB. */
let scratch: string

beforeAll(() => {
  ensurePackages(['strip', 'unshare'])
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, encoding: 'utf8' })
  expect(built.stderr).toMatch(/up to date|is ready/)
  scratch = mkdtempSync(join(dist, 'test-'))
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly argv0?: string
}

/** Runs in `/` with no variable in its environment but those given. */
function run(file: string, args: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> {
  return spawnSync(file, args, { env: {}, cwd: '/', encoding: 'utf8', ...options })
}

test('a second build with the same sources does nothing', () => {
  const { mtimeMs } = statSync(program)
  const again = spawnSync(process.execPath, ['build/bundle.ts'], { cwd: root, encoding: 'utf8' })
  expect(again).toMatchObject({ status: 0, stderr: 'firstlight: dist/firstlight is up to date\n' })
  expect(statSync(program).mtimeMs).toBe(mtimeMs)
})

test('runs in an empty environment and says the version of package.json', () => {
  expect(run(program, ['version'])).toMatchObject(ownVersion)
})

test.each([
  ['ignition', '-version'],
  ['ignition-apply', '--version'],
  ['ignition-rmcfg', '--version'],
  ['ignition-validate', '-version'],
])('%s, by path, by a further link and through PATH, is the command of that name', (name, flag) => {
  const expected = { status: 0, stderr: '', stdout: expect.stringContaining(referenceVersion) }
  expect(run(join(dist, name), [flag])).toMatchObject(expected)
  const elsewhere = join(scratch, `link-${name}`)
  mkdirSync(elsewhere)
  symlinkSync('../../firstlight', join(elsewhere, name))
  expect(run(join(elsewhere, name), [flag])).toMatchObject(expected)
  expect(run(name, [flag], { env: { PATH: elsewhere } })).toMatchObject(expected)
  // an option that only this command knows
  const usage = run(join(dist, name), ['--help'])
  expect(usage.stdout + usage.stderr).toContain(name)
})

test('YAML is read by a part of the executable that is loaded for it', () => {
  const directory = join(scratch, 'local')
  mkdirSync(directory)
  writeFileSync(join(directory, 'motd'), 'hello')
  const config = join(scratch, 'config.bu')
  writeFileSync(
    config,
    'variant: fcos\nversion: 1.5.0\nstorage: {files: [{path: /etc/motd, contents: {local: motd}}]}\n',
  )
  const expanded = run(program, ['expand', '--files-dir', directory, config])
  expect(expanded).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(expanded.stdout)).toMatchObject({
    storage: { files: [{ contents: { source: 'data:,hello' } }] },
  })
  const refused = run(join(dist, 'ignition-validate'), [config])
  expect(refused).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^error at .*local, line 3 col \d+: .*\n$/) as string,
  })
})

test('NODE_OPTIONS changes nothing', () => {
  for (const options of ['--require=/nonexistent.js', '--no-such-option', '--inspect'])
    expect(run(program, ['version'], { env: { NODE_OPTIONS: options } })).toMatchObject(ownVersion)
})

test('a signal opens no inspector', async () => {
  const child = spawn(join(dist, 'ignition-validate'), ['-'], {
    env: { FIRSTLIGHT_TRACE_LOADER: '1' },
    stdio: 'pipe',
  })
  const closed = once(child, 'close')
  let said = ''
  const started = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
      resolve()
    })
  })
  await started
  child.kill('SIGUSR1')
  // time enough for an inspector to say that it listens
  await pause(300)
  child.stdin.on('error', () => undefined)
  child.stdin.end('{"ignition":{"version":"3.0.0"}}')
  await closed
  expect(said).toContain('loader: main.js')
  expect(said).not.toContain('Debugger')
})

test('the code cache of every chunk that a stage loads is taken', () => {
  writeFileSync(join(scratch, 'config.ign'), '{"ignition":{"version":"3.0.0"}}')
  writeFileSync(join(scratch, 'cmdline'), 'quiet')
  const files = ['config-cache', 'neednet', 'state-file'].map((flag) => `-${flag}=${join(scratch, flag)}`)
  const { status, stderr } = run(
    join(dist, 'ignition'),
    ['-platform=file', '-stage=fetch', '-root=', '-log-to-stdout', ...files],
    {
      env: {
        FIRSTLIGHT_TRACE_LOADER: '1',
        IGNITION_CONFIG_FILE: join(scratch, 'config.ign'),
        FIRSTLIGHT_RUN_DIR: join(scratch, 'run'),
        IGNITION_KERNEL_CMDLINE_PATH: join(scratch, 'cmdline'),
        IGNITION_SYSTEM_CONFIG_DIR: scratch,
        IGNITION_SYSTEM_LOCAL_CONFIG_DIR: join(scratch, 'none'),
        IGNITION_SYSTEM_RUNTIME_CONFIG_DIR: join(scratch, 'none'),
      },
    },
  )
  expect(status).toBe(0)
  expect(stderr).toContain('main.js: code cache accepted')
  expect(stderr).not.toContain('rejected')
})

test('starting loads none of the modules of Node that take milliseconds', () => {
  const { status, stderr } = run(join(dist, 'ignition'), ['-version'], {
    env: { FIRSTLIGHT_TRACE_LOADER: '1' },
  })
  expect(status).toBe(0)
  const loaded = [...stderr.matchAll(/node:(\S+)/g)].map(([, name]) => name)
  expect(loaded).toContain('fs')
  const slow = ['child_process', 'crypto', 'dns', 'http', 'https', 'net', 'tls', 'tty', 'zlib']
  expect(loaded.filter((name) => slow.includes(name ?? ''))).toEqual([])
})

test('a code cache that V8 refuses costs nothing but time', () => {
  const image = readFileSync(program)
  const cache = readFileSync(join(dist, 'chunks/main.js.cache'))
  const at = image.indexOf(cache)
  expect(at).toBeGreaterThan(0)
  // the second word of the header is the hash of V8's version
  image[at + 4] = (cache[4] ?? 0) ^ 1
  const damaged = join(scratch, 'damaged')
  writeFileSync(damaged, image, { mode: 0o755 })
  const asFirstlight = { argv0: 'firstlight' }
  expect(run(damaged, ['version'], asFirstlight)).toMatchObject(ownVersion)
  const traced = run(damaged, ['version'], { ...asFirstlight, env: { FIRSTLIGHT_TRACE_LOADER: '1' } })
  expect(traced.stderr).toContain('main.js: code cache rejected')
})

test('strip leaves it as it is', () => {
  const stripped = join(scratch, 'stripped')
  copyFileSync(program, stripped)
  spawnSync('strip', ['-g', '-p', stripped])
  expect(readFileSync(stripped).equals(readFileSync(program))).toBe(true)
})

test('it brings no section table', () => {
  const image = readFileSync(program)
  expect(image.readBigUInt64LE(40)).toBe(0n)
  expect(image.readUInt16LE(60)).toBe(0)
})

test('its program headers are where kernels before 5.18 look for them', () => {
  const image = readFileSync(program)
  const number = (at: number) => Number(image.readBigUInt64LE(at))
  const table = number(32)
  const entries = Array.from({ length: image.readUInt16LE(56) }, (_, index) => table + index * 56)
  const [own, first] = entries.filter((at) => [6, 1].includes(image.readUInt32LE(at)))
  // the segment that begins the file, and PT_PHDR
  expect(number((first ?? 0) + 8)).toBe(0)
  expect(number((own ?? 0) + 16)).toBe(number((first ?? 0) + 16) + table)
})

test('starts in a bare directory with its libraries and nothing else, /proc neither', () => {
  const bare = join(scratch, 'bare')
  for (const library of sharedLibraries()) {
    mkdirSync(join(bare, dirname(library)), { recursive: true })
    copyFileSync(library, join(bare, library))
  }
  linkSync(program, join(bare, 'firstlight'))
  expect(readdirSync(bare)).not.toContain('proc')
  const chroot = process.getuid?.() === 0 ? ['--mount'] : ['--map-root-user', '--mount']
  const { PATH = '' } = process.env
  expect(
    run('unshare', [...chroot, 'chroot', bare, '/firstlight', 'version'], { env: { PATH } }),
  ).toMatchObject(ownVersion)
})

/** As the dynamic loader finds them. */
function sharedLibraries(): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
}
