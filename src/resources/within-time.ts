import type { System } from '../system/system.ts'

export interface TimeLimit {
  readonly system: Pick<System, 'sleep'>
  /** 0 is no limit. */
  readonly seconds: number
  /** The error when the time is over. */
  readonly late: (cause: unknown) => Error
  /** Ends the work earlier, for another reason. */
  readonly signal?: AbortSignal | undefined
}

/** Does the work with a signal that ends it when the time is over. */
export async function withinTime<T>(
  { system, seconds, late, signal }: TimeLimit,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (seconds <= 0) return work(signal)
  const limit = new AbortController()
  const finished = new AbortController()
  system.sleep(seconds * 1000, 'time limit', finished.signal).then(
    () => limit.abort(),
    () => undefined,
  )
  try {
    return await work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal)
  } catch (error) {
    throw limit.signal.aborted ? late(error) : error
  } finally {
    finished.abort()
  }
}
