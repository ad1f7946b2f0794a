interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** A clock for tests: time passes only while somebody sleeps and nothing else happens for a turn of the event loop. */
export interface FakeClock {
  readonly now: () => Date
  readonly monotonic: () => number
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** Milliseconds of every sleep asked for, in order. */
  readonly slept: readonly number[]
}

export function fakeClock(start = new Date('2026-01-01T00:00:00Z')): FakeClock {
  const sleepers = new Set<Sleeper>()
  const slept: number[] = []
  let elapsed = 0
  let turning = false

  const turn = () => {
    turning = false
    const [next] = [...sleepers].sort((a, b) => a.due - b.due)
    if (!next) return
    elapsed = Math.max(elapsed, next.due)
    sleepers.delete(next)
    next.wake()
    schedule()
  }

  const schedule = () => {
    if (turning || sleepers.size === 0) return
    turning = true
    setImmediate(turn)
  }

  return {
    slept,
    now: () => new Date(start.getTime() + elapsed),
    monotonic: () => elapsed,
    sleep(milliseconds, signal) {
      slept.push(milliseconds)
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { due: elapsed + milliseconds, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          if (sleepers.delete(sleeper)) reject(signal.reason)
        })
        return schedule()
      })
    },
  }
}
