import type { System } from '../system/system.ts'

/** Milliseconds between attempts at most: the first pause, doubled each time, up to the last; as the reference. */
const firstPause = 200
const longestPause = 5000

/** A server that asks for more than this many milliseconds (Retry-After) is asked again then. */
const longestRequestedPause = 300_000

/** Milliseconds of waiting after which a person at the console is told why, and how often after that. */
const tellAfter = 5000
const tellEvery = 60_000

export interface PatienceOptions {
  readonly system: Pick<System, 'sleep' | 'monotonic' | 'log' | 'random'>
  /** What is waited for: `GET http://…`. */
  readonly what: string
  readonly signal: AbortSignal | undefined
}

export interface Patience {
  /** Waits before the next attempt: `atLeast` milliseconds when the server says so, else half of the pause or more. */
  wait(reason: string, atLeast?: number): Promise<void>
  /** There was progress: the next pause is a short one again. */
  refresh(): void
  /** Why the last attempt failed. */
  reason(): string | undefined
}

/** A random number from 0 to 1. */
function fraction({ random }: Pick<System, 'random'>): number {
  const [high = 0, low = 0] = random(2)
  return (high * 256 + low) / 0x10000
}

/** Pauses between attempts, and what is said while they last. */
export function createPatience({ system, what, signal }: PatienceOptions): Patience {
  let pause = firstPause
  let last: string | undefined
  let since: number | undefined
  let tellAt = tellAfter
  /** A thousand machines that the same failure met at once must not come back at once. */
  const pauseFor = (atLeast: number): number => {
    const earlier = Math.round(pause * (1 - fraction(system) / 2))
    const requested = Math.min(atLeast, longestRequestedPause)
    return requested < earlier ? earlier : Math.round(requested + pause * fraction(system))
  }
  return {
    async wait(reason, atLeast = 0) {
      last = reason
      since ??= system.monotonic()
      const waited = system.monotonic() - since
      if (waited >= tellAt) {
        system.log(
          'notice',
          `${what}: no answer for ${Math.round(waited / 1000)} s and still trying: ${reason}`,
        )
        tellAt = waited + tellEvery
      }
      await system.sleep(pauseFor(atLeast), signal)
      pause = Math.min(pause * 2, longestPause)
    },
    refresh() {
      pause = firstPause
      since = undefined
      tellAt = tellAfter
    },
    reason: () => last,
  }
}
