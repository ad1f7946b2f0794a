import type { HttpResponse } from '../system/network.ts'
import type { System } from '../system/system.ts'
import { showSize } from './show-size.ts'

/** Milliseconds from the first byte until a person at the console is told how far it is, and how often after that. */
const tellAfter = 2000
const tellEvery = 5000

/** How far a set of downloads is that go on side by side. */
export interface ProgressFacts {
  /** All that is fetched, as it may be shown, when it is one download. */
  readonly only: string | undefined
  readonly done: number
  /** Downloads of the set, those included that have not begun. */
  readonly of: number
  readonly bytes: number
  /** Undefined while a length is not known. */
  readonly totalBytes: number | undefined
  readonly bytesPerSecond: number
  /** Of what has been begun and not finished: those without news since the last line. As they may be shown. */
  readonly silent: readonly string[]
}

/** One line for the console: `fetching: 3 of 200 files, 312 MiB of 1 GiB, 41 MiB/s, about 17 s left`. */
export function formatProgress(facts: ProgressFacts): string {
  const { only, done, of, bytes, totalBytes, bytesPerSecond, silent } = facts
  const parts = [
    ...(only === undefined ? [`${done} of ${of} files`] : []),
    showSize(bytes) + (totalBytes === undefined ? '' : ` of ${showSize(totalBytes)}`),
    `${showSize(bytesPerSecond)}/s`,
  ]
  if (totalBytes !== undefined && bytesPerSecond > 0)
    parts.push(`about ${showSeconds(Math.max(totalBytes - bytes, 0) / bytesPerSecond)} left`)
  const [first, ...others] = silent
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return `fetching${only === undefined ? '' : ` ${only}`}: ${parts.join(', ')}${first === undefined ? '' : `; waiting for ${first}${more}`}`
}

/** Seconds for a person: `17 s`, `5 min`. */
function showSeconds(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}

/** One download of a set. */
export interface Advance {
  /** The server's answer says how long the body is, or the part of it that is left. */
  readonly answered: (response: Pick<HttpResponse, 'status' | 'headers'>) => void
  readonly add: (bytes: number) => void
  readonly end: () => void
}

export interface Progress {
  /** A download begins, as it may be shown; one of a set of so many. */
  begin(shown: string, of: number): Advance
}

interface Download {
  readonly shown: string
  bytes: number
  totalBytes: number | undefined
  hasNews: boolean
}

/**
 * Follows downloads and tells of them now and then, as their bytes arrive: who waits for a silent server is told so by
 * whoever asks it.
 */
export function createProgress({ monotonic, log }: Pick<System, 'monotonic' | 'log'>): Progress {
  const set = newSet()
  let tellAt = 0
  let last = { at: 0, bytes: 0 }

  const begun = (bytes: number) => {
    last = { at: monotonic(), bytes }
    tellAt = last.at + tellAfter
  }
  const news = () => {
    const now = monotonic()
    if (now < tellAt || set.active.size === 0) return
    const bytesPerSecond = ((set.bytes - last.bytes) * 1000) / (now - last.at)
    log('notice', formatProgress({ ...factsOf(set), bytesPerSecond }))
    for (const download of set.active) download.hasNews = false
    last = { at: now, bytes: set.bytes }
    tellAt = now + tellEvery
  }
  return {
    begin(shown, of) {
      if (set.active.size === 0 && (set.begun >= set.of || of !== set.of))
        Object.assign(set, newSet(), { of })
      const download: Download = { shown, bytes: 0, totalBytes: undefined, hasNews: true }
      set.active.add(download)
      set.begun += 1
      return {
        answered({ status, headers }) {
          const length = Number(headers['content-length'] ?? Number.NaN)
          const before = status === 206 ? download.bytes : 0
          download.totalBytes = Number.isNaN(length) ? undefined : before + length
        },
        add(bytes) {
          if (set.bytes === 0) begun(bytes)
          download.bytes += bytes
          download.hasNews = true
          set.bytes += bytes
          news()
        },
        end() {
          if (!set.active.delete(download)) return
          set.done += 1
          set.doneBytes += download.bytes
          news()
        },
      }
    },
  }
}

const newSet = () => ({ of: 0, begun: 0, done: 0, bytes: 0, doneBytes: 0, active: new Set<Download>() })

function factsOf({
  of,
  begun,
  done,
  bytes,
  doneBytes,
  active,
}: ReturnType<typeof newSet>): Omit<ProgressFacts, 'bytesPerSecond'> {
  const downloads = [...active]
  const isWhole = begun >= of && downloads.every(({ totalBytes }) => totalBytes !== undefined)
  return {
    only: Math.max(of, begun) > 1 ? undefined : downloads[0]?.shown,
    done,
    of: Math.max(of, begun),
    bytes,
    totalBytes: isWhole
      ? downloads.reduce((sum, { totalBytes = 0 }) => sum + totalBytes, doneBytes)
      : undefined,
    silent: downloads.filter(({ hasNews }) => !hasNews).map(({ shown }) => shown),
  }
}
