import { readFileSync, readlinkSync } from 'node:fs'

/** A process that asks for something to be done in its place. */
export interface Caller {
  readonly pid: number
  /** With the names of its interpreter and itself. */
  readonly commandLine: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** In what it differs from this process, by the names of /proc: what is done for it would not be what it does itself. */
  readonly differences: readonly string[]
}

/** `man 7 namespaces`, `man 5 proc`: where a process is, and what it may do. */
const places = ['cwd', 'root', 'ns/mnt', 'ns/net', 'ns/ipc', 'ns/uts', 'ns/user', 'ns/pid']
const rights = ['Uid', 'Gid', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp']

/** Looks a process up. Undefined when there is none, or it ends meanwhile. */
export function findCaller(pid: number): Caller | undefined {
  try {
    const own = factsOf('self')
    const other = factsOf(String(pid))
    return {
      pid,
      commandLine: wordsOf(pid, 'cmdline'),
      environment: Object.fromEntries(
        wordsOf(pid, 'environ').map((entry) => {
          const at = entry.indexOf('=')
          return [entry.slice(0, at), entry.slice(at + 1)]
        }),
      ),
      differences: [...own].filter(([name, value]) => other.get(name) !== value).map(([name]) => name),
    }
  } catch {
    return undefined
  }
}

function factsOf(pid: string): ReadonlyMap<string, string> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return new Map([
    ...places.map((place) => [place, readlinkSync(`/proc/${pid}/${place}`)] as const),
    ...rights.map((name) => [name, new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''] as const),
  ])
}

const wordsOf = (pid: number, name: 'cmdline' | 'environ'): string[] =>
  readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1)
