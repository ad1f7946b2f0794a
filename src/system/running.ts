import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createReminder } from './explained-wait.ts'
import type { Log } from './system.ts'

export interface RunningOptions {
  readonly child: ChildProcess
  /** Program and arguments as they may be shown. */
  readonly shown: string
  readonly log: Log
  /** Only for programs that change nothing: they are killed then. */
  readonly limitSeconds: number | undefined
}

export interface Running {
  /** Resolves when the program is given up, dead or not: one that hangs in the kernel cannot be killed. */
  readonly givenUp: Promise<undefined>
  /** No more is said. Whether the program was killed at its limit. */
  stop(): boolean
}

/** Milliseconds that a killed program has to be gone. */
const dyingMilliseconds = 3000

/** Says that a program still runs, and ends it when it has a limit. */
export function watchRunning({ child, shown, log, limitSeconds }: RunningOptions): Running {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const reminder = createReminder()
  const givenUp = Promise.withResolvers<undefined>()
  let isKilled = false
  const timers = new Set<NodeJS.Timeout>()
  const after = (milliseconds: number, work: () => void) => void timers.add(setTimeout(work, milliseconds))
  const remind = () =>
    after(reminder.nextSeconds() * 1000 - seconds() * 1000, () => {
      if (reminder.isDue(seconds()))
        log('notice', `still running: ${shown}, ${times(seconds(), limitSeconds)}: ${stateOf(child.pid)}`)
      remind()
    })
  remind()
  if (limitSeconds !== undefined)
    after(limitSeconds * 1000, () => {
      isKilled = true
      child.kill('SIGKILL')
      after(dyingMilliseconds, () => givenUp.resolve(undefined))
    })
  return {
    givenUp: givenUp.promise,
    stop() {
      for (const timer of timers) clearTimeout(timer)
      return isKilled
    },
  }
}

const times = (passed: number, limit: number | undefined): string =>
  `since ${Math.round(passed)} s, ${limit === undefined ? 'as long as it takes' : `for ${Math.ceil(limit - passed)} s more at most`}`

/** Letters of proc_pid_stat(5). */
const states: Readonly<Record<string, string>> = {
  R: 'it works',
  S: 'it waits for something',
  D: 'it waits for a device',
  T: 'it is stopped',
  Z: 'it has ended',
}

/** What the kernel says that a process does. */
function stateOf(pid: number | undefined): string {
  const letter = /\) (\w)/.exec(readProc(`${pid}/stat`))?.[1] ?? ''
  const written = Number(/^write_bytes: (\d+)$/m.exec(readProc(`${pid}/io`))?.[1] ?? 0)
  const state = states[letter] ?? 'the kernel does not say what it does'
  return written === 0 ? state : `${state}, and has written ${(written / 2 ** 20).toFixed(1)} MiB`
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8')
  } catch {
    return ''
  }
}
