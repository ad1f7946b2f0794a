import { readdirSync, readFileSync } from 'node:fs'
import type { ProgramName } from '../../src/system/programs.ts'
import type { Files, PendingFile, System } from '../../src/system/system.ts'

/** A place in a run where the power may fail. */
export interface Point {
  readonly index: number
  /** What is about to happen: `run sgdisk …`, `rename …`. */
  readonly before: string
  /** The same in every run: what is about to happen, and for how many times the same has by then. */
  readonly key: string
  readonly isProgram: boolean
}

export interface Observer {
  /** Whether the path is one that outlives a power cut: what changes elsewhere is no point. */
  readonly lasts: (path: string) => boolean
  /** Before something happens to the machine. */
  before(point: Point): void
  /** For a program: milliseconds from its start after which it is stopped for a moment, to look. */
  delayOf?(point: Point): number | undefined
  /** While a program stands still. */
  during?(point: Point): void
  after?(point: Point, milliseconds: number): void
}

/** A program that only looks, or one that does nothing to a disk: how often these run is a matter of time. */
const isLook = (program: ProgramName, args: readonly string[]) =>
  (program === 'wipefs' && args[0] === '-J') ||
  args.includes('--pretend') ||
  (program === 'cryptsetup' && (args[0] === 'isLuks' || args[0] === 'luksUUID' || args[0] === 'luksDump')) ||
  args.includes('--test-passphrase') ||
  (program === 'mdadm' && args[0] === '--examine') ||
  args.includes('is-enabled') ||
  program === 'modprobe' ||
  program === 'partx' ||
  program === 'udevadm'

/** Chance is in the names of what is there for a moment only. */
const temporaryName = /\b(ignition-luks-)\w+/g

/** The machine with an observer told of every change to it, and numbers for them. */
export function observed(system: System, observer: Observer): System {
  let index = 0
  const times = new Map<string, number>()
  const tell = (what: string, isProgram = false): Point => {
    const same = what.replaceAll(temporaryName, '$1')
    const count = (times.get(same) ?? 0) + 1
    times.set(same, count)
    const point = { index, before: what, key: `${same} (${count})`, isProgram }
    index += 1
    observer.before(point)
    return point
  }
  const files = observedFiles(system.files, { tell, lasts: observer.lasts })
  const wrap = (inner: System): System => ({
    ...inner,
    files,
    async run(program, args, options) {
      if (isLook(program, args.map(String))) return inner.run(program, args, options)
      const point = tell(`run ${program} ${args.join(' ')}`, true)
      const delay = observer.delayOf?.(point)
      const started = performance.now()
      const timer =
        delay === undefined
          ? undefined
          : setTimeout(() => whileStopped(() => observer.during?.(point)), delay)
      try {
        return await inner.run(program, args, options)
      } finally {
        clearTimeout(timer)
        observer.after?.(point, performance.now() - started)
      }
    },
    mount(options) {
      if (!options.flags.includes('ro')) tell(`mount ${options.target}`)
      inner.mount(options)
    },
    unmount(target) {
      tell(`unmount ${target}`)
      inner.unmount(target)
    },
    scoped: (prefix) => wrap(inner.scoped(prefix)),
    operation: async (description, work) =>
      inner.operation(description, async (scoped) => work(wrap(scoped))),
  })
  return wrap(system)
}

const changing = [
  'write',
  'writeDurably',
  'append',
  'makeDirectory',
  'chown',
  'chmod',
  'remove',
  'removeDirectory',
  'sync',
] as const
const changingSecond = ['symlink', 'hardLink', 'rename'] as const

interface FilesObserver {
  readonly tell: (what: string) => void
  readonly lasts: Observer['lasts']
}

function observedFiles(files: Files, { tell, lasts }: FilesObserver): Files {
  const told = (name: keyof Files, pathAt: number) => {
    const verb = files[name] as (...args: unknown[]) => unknown
    return (...args: unknown[]) => {
      if (lasts(String(args[pathAt]))) tell(`${name} ${String(args[pathAt])}`)
      return verb(...args)
    }
  }
  return {
    ...files,
    ...Object.fromEntries(changing.map((name) => [name, told(name, 0)])),
    ...Object.fromEntries(changingSecond.map((name) => [name, told(name, 1)])),
    create(target): PendingFile {
      if (lasts(target)) tell(`create ${target}`)
      const pending = files.create(target)
      if (!lasts(target)) return pending
      return {
        ...pending,
        write(chunk) {
          tell(`fill ${target}`)
          pending.write(chunk)
        },
        commit(options) {
          tell(`commit ${target}`)
          pending.commit(options)
        },
      }
    },
  }
}

/** All programs that this process has started stand still: what they do next is not part of what is seen. */
function whileStopped(look: () => void): void {
  const children = descendantsOf(process.pid)
  for (const pid of children) signal(pid, 'SIGSTOP')
  try {
    look()
  } finally {
    for (const pid of children) signal(pid, 'SIGCONT')
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // a program may end between the look at the list and the signal
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function descendantsOf(ancestor: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // it has ended meanwhile
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent === ancestor || (parent !== undefined && parent > 1 && isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}
