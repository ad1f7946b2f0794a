import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePackages } from '../packages.ts'

export interface GuestOptions {
  /** Program and arguments; the program is looked up in the guest's PATH. */
  readonly command: readonly string[]
  /** Folder to run it in, a path of this machine. */
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** Which of our processors it stays on, from 0: its kernel and processes hand over all the time, across two at twice the cost. */
  readonly cpu?: number
  readonly memoryMiB?: number
  readonly timeoutSeconds?: number
  /** Gets what the command prints, as it comes. */
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer) => void
}

const here = import.meta.dirname

/**
 * Boots User Mode Linux over this machine's files, all of them read-only, runs one command in it as root and gives
 * its exit code. Whatever the guest writes stays in its memory. Throws an Error with the end of the guest's console
 * when it did not get as far as the command's end.
 */
export async function runInGuest(options: GuestOptions): Promise<number> {
  if (process.getuid?.() !== 0)
    throw new Error('The lab needs root, for its mount namespace. Run it as root.')
  ensurePackages(['linux.uml', 'systemctl', 'unshare', 'setpriv', 'taskset', 'modprobe', 'udevd', 'ip'])
  const scratch = mkdtempSync(join(tmpdir(), 'firstlight-lab-'))
  const remove = () => rmSync(scratch, { recursive: true, force: true })
  process.on('exit', remove)
  try {
    writeFileSync(join(scratch, 'command'), script(options))
    const timeoutSeconds = options.timeoutSeconds ?? 600
    const ended = await boot(scratch, options, timeoutSeconds)
    const status = readText(join(scratch, 'status')).trim()
    if (status !== '') return Number(status)
    const why = ended.timedOut ? `was stopped after ${timeoutSeconds} s` : 'ended before its command did'
    const said = `${readText(join(scratch, 'console'))}${ended.stderr}`.split('\n').slice(-30).join('\n')
    throw new Error(`The guest ${why}. Its console ends with:\n${said}`)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** A file, because words with spaces do not survive the guest's kernel command line. */
function script({ command, folder, environment = {} }: GuestOptions): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`)
  return [...exports, `cd ${quote(folder)} || exit 72`, command.map(quote).join(' '), ''].join('\n')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function boot(scratch: string, options: GuestOptions, timeoutSeconds: number) {
  const { memoryMiB = 2048, onOutput } = options
  const cpu = processor(options.cpu ?? 0)
  const host = ['sh', join(here, 'host.sh'), scratch, `${cpu}`, `${memoryMiB}M`, join(here, 'init.sh')]
  // the process namespace takes every process of the guest with it when unshare is killed, as it is when we end
  const namespaces = ['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child']
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...namespaces, ...host], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise<{ timedOut: boolean; stderr: string }>((resolve, reject) => {
    let timedOut = false
    let stderr = ''
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL') // unshare ignores SIGTERM while it waits
    }, timeoutSeconds * 1000)
    child.stdout.on('data', (bytes: Buffer) => onOutput('stdout', bytes))
    child.stderr.on('data', (bytes: Buffer) => {
      stderr = (stderr + bytes.toString()).slice(-2000)
      onOutput('stderr', bytes)
    })
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      resolve({ timedOut, stderr })
    })
  })
}

/** A processor that this process may use: in a container they need not begin with 0. */
function processor(index: number): number {
  const [, list = '0'] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readText('/proc/self/status')) ?? []
  const allowed = list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, step) => first + step)
  })
  return allowed[index % allowed.length] ?? 0
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
