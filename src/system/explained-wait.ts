import type { System } from './system.ts'
import type { WaitOwner } from './waits.ts'

/** Seconds after which a wait says so; then each time when it has lasted twice as long, but at least so often. */
const firstSeconds = 5
const mostSeconds = 300

export interface Wait {
  readonly owner: WaitOwner
  /** What is waited for: `a drive with the label "config-2"`. */
  readonly what: string
  /** At most; undefined where the owner's row says what else ends it. */
  readonly seconds: number | undefined
  /** For the person in front of the machine: what was found out up to now, as what is there instead. */
  readonly found: () => string
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface Waiting {
  isOver(): boolean
  /** Lets some time pass, no more than is left. */
  pause(milliseconds: number): Promise<void>
}

/** A wait that explains itself while it lasts. */
export function beginWait(system: System, { owner, what, seconds, found, signal }: Wait): Waiting {
  const start = system.monotonic()
  const waited = () => (system.monotonic() - start) / 1000
  const schedule = createReminder()
  return {
    isOver: () => seconds !== undefined && waited() >= seconds,
    async pause(milliseconds) {
      if (schedule.isDue(waited()))
        system.log('notice', `still waiting for ${what}, ${times(waited(), seconds)}: ${found()}`)
      const left = seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000 - waited() * 1000
      await system.sleep(Math.max(0, Math.min(milliseconds, left)), owner, signal)
    },
  }
}

const times = (waited: number, seconds: number | undefined): string =>
  `since ${Math.round(waited)} s, ` +
  (seconds === undefined ? 'as long as it takes' : `for ${Math.ceil(seconds - waited)} s more at most`)

export interface LookingWait<T> extends Wait {
  /** What is waited for, or undefined while it is not there. */
  readonly look: () => T | undefined | Promise<T | undefined>
  readonly everySeconds: number
}

/** Looks again and again for something; undefined when the time is over. */
export async function waitFor<T>(system: System, wait: LookingWait<T>): Promise<T | undefined> {
  const { look, everySeconds, what } = wait
  const found = await look()
  if (found !== undefined) return found
  return system.span({ kind: 'wait', name: what }, async () => {
    for (const waiting = beginWait(system, wait); !waiting.isOver(); ) {
      await waiting.pause(everySeconds * 1000)
      const now = await look()
      if (now !== undefined) return now
    }
    return undefined
  })
}

/** When to say again that something lasts: after 5, 10, 20 … seconds, in the end every 5 minutes. */
export function createReminder(): { isDue(seconds: number): boolean; readonly nextSeconds: () => number } {
  let next = firstSeconds
  return {
    isDue(seconds) {
      if (seconds < next) return false
      while (next <= seconds) next += Math.min(next, mostSeconds)
      return true
    },
    nextSeconds: () => next,
  }
}
