import type { HttpResponse } from '../system/network.ts'
import type { System } from '../system/system.ts'

/** The time as a server sees it: machines without a battery boot in the past, and no signature is valid then. */
export interface ServerClock {
  /** Takes the time from an answer's `Date`. */
  readonly learn: (response: Pick<HttpResponse, 'headers'>) => void
  readonly now: () => Date
  /** Milliseconds that this machine is behind. */
  readonly skewMilliseconds: () => number
}

export function createServerClock({ now }: Pick<System, 'now'>): ServerClock {
  let skew = 0
  return {
    learn({ headers }) {
      const date = Date.parse(headers['date'] ?? '')
      if (!Number.isNaN(date)) skew = date - now().getTime()
    },
    now: () => new Date(now().getTime() + skew),
    skewMilliseconds: () => skew,
  }
}
