import type { System } from '../system/system.ts'

/** Milliseconds between attempts: the first pause, doubled each time, up to the last; as the reference. */
const firstPause = 200
const longestPause = 5000

/** A server that asks for more than this many milliseconds (Retry-After) is asked again then. */
const longestRequestedPause = 300_000

/** Milliseconds of waiting after which a person at the console is told why, and how often after that. */
const tellAfter = 5000
const tellEvery = 60_000

export interface PatienceOptions {
  readonly system: Pick<System, 'sleep' | 'monotonic' | 'log'>
  /** What is waited for: `GET http://…`. */
  readonly what: string
  readonly signal: AbortSignal | undefined
}

export interface Patience {
  /** Waits before the next attempt: `atLeast` milliseconds when the server says so. */
  wait(reason: string, atLeast?: number): Promise<void>
  /** There was progress: the next pause is a short one again. */
  refresh(): void
  /** Why the last attempt failed. */
  reason(): string | undefined
}

/** Pauses between attempts, and what is said while they last. */
export function createPatience({ system, what, signal }: PatienceOptions): Patience {
  let pause = firstPause
  let last: string | undefined
  let since: number | undefined
  let tellAt = tellAfter
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
      await system.sleep(Math.max(pause, Math.min(atLeast, longestRequestedPause)), signal)
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
