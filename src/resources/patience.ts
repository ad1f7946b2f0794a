import { createReminder } from '../system/explained-wait.ts'
import type { System } from '../system/system.ts'
import { networkFault } from './network-fault.ts'

/** Milliseconds between attempts at most: the first pause, doubled each time, up to the last; as the reference. */
const firstPause = 200
const longestPause = 5000

/** A server that asks for more than this many milliseconds (Retry-After) is asked again then. */
const longestRequestedPause = 300_000

export interface PatienceOptions {
  readonly system: Pick<System, 'sleep' | 'monotonic' | 'log' | 'random' | 'files'>
  /** What is waited for: `GET http://…`. */
  readonly what: string
  /** Name or address that it is reached at; without it the network has no part in it. */
  readonly host?: string
}

/** How an attempt failed that is worth another. */
export interface Failure {
  readonly reason: string
  /** When the server wants to be asked again. */
  readonly afterMilliseconds?: number
}

export interface Patience {
  /** Does the work, and tells the person at the console why it takes so long while it does. */
  explaining<T>(work: () => Promise<T>): Promise<T>
  /** Waits before the next attempt: as long as the server says, else half of the pause or more. */
  wait(failure: Failure, signal: AbortSignal | undefined): Promise<void>
  /** There was progress: the next pause is a short one again. */
  refresh(): void
  /** Why there is no answer: how the last attempt failed, and what the network of this machine lacks. */
  reasons(): readonly string[]
}

/** Pauses between attempts, and what is said while they, and the attempts, last. */
export function createPatience({ system, what, host }: PatienceOptions): Patience {
  let pause = firstPause
  let failure: string | undefined
  let hasBegun = false
  let since = system.monotonic()
  let reminder = createReminder()
  const seconds = () => (system.monotonic() - since) / 1000
  const fault = () => (host === undefined ? undefined : networkFault(system.files, host))

  const tell = () => {
    const silence = hasBegun ? 'the rest of the answer does not come' : 'no answer'
    const why = [failure ?? 'the server is silent', fault()].filter((one) => one !== undefined).join('; ')
    system.log('notice', `${what}: ${silence} for ${Math.round(seconds())} s and still trying: ${why}`)
  }

  const tellUntil = async (over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      if (reminder.isDue(seconds())) tell()
      await system.sleep((reminder.nextSeconds() - seconds()) * 1000, 'server', over)
    }
  }

  return {
    async explaining(work) {
      const over = new AbortController()
      tellUntil(over.signal).catch(() => undefined)
      try {
        return await work()
      } finally {
        over.abort()
      }
    },
    async wait({ reason, afterMilliseconds = 0 }, signal) {
      const asked = Math.min(afterMilliseconds, longestRequestedPause)
      failure =
        asked > longestPause ? `${reason}; to be asked again in ${Math.round(asked / 1000)} s` : reason
      await system.sleep(withChance({ pause, asked, chance: fraction(system) }), 'server', signal)
      pause = Math.min(pause * 2, longestPause)
    },
    refresh() {
      pause = firstPause
      hasBegun = true
      since = system.monotonic()
      reminder = createReminder()
    },
    reasons() {
      const failed = failure === undefined ? 'the server was silent' : `the last attempt failed: ${failure}`
      return [failed, fault()].filter((one) => one !== undefined)
    },
  }
}

/** A thousand machines that the same failure met at once must not come back at once, nor before a server says. */
function withChance(times: { readonly pause: number; readonly asked: number; readonly chance: number }) {
  const { pause, asked, chance } = times
  const ownPause = Math.round(pause * (1 - chance / 2))
  return asked < ownPause ? ownPause : Math.round(asked + pause * chance)
}

/** A random number from 0 to 1. */
function fraction({ random }: Pick<System, 'random'>): number {
  const [high = 0, low = 0] = random(2)
  return (high * 256 + low) / 0x10000
}
