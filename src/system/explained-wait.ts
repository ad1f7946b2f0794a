import type { System } from './system.ts'

/** A wait says so once it is longer than this. */
const silentSeconds = 5

export interface ExplainedWait<T> {
  /** What is waited for, or undefined while it is not there. */
  readonly look: () => T | undefined | Promise<T | undefined>
  readonly everySeconds: number
  /** Without it, as long as it takes. */
  readonly seconds?: number | undefined
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** For the person in front of the machine, after 5 s: what is waited for, and what is there instead. */
  readonly explain: () => string
}

/** Looks again and again for something; undefined when the time is over. */
export async function waitFor<T>(system: System, wait: ExplainedWait<T>): Promise<T | undefined> {
  const { look, everySeconds, seconds, signal, explain } = wait
  const start = system.monotonic()
  const waited = () => (system.monotonic() - start) / 1000
  for (let told = false; ; ) {
    const found = await look()
    if (found !== undefined) return found
    if (seconds !== undefined && waited() >= seconds) return undefined
    if (!told && waited() >= silentSeconds) {
      told = true
      system.log('notice', explain())
    }
    await system.sleep(everySeconds * 1000, signal)
  }
}
