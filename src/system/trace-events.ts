import type { Span, SpanFacts } from './span.ts'

export interface TraceOptions {
  /** What the process is, for a person: `files`. */
  readonly process: string
  readonly pid: number
  /** Microseconds since boot. */
  readonly clock: () => number
  /** When the process began, by the same clock. */
  readonly begun: number
  /** Takes whole lines: one event each, with a comma behind. */
  readonly write: (lines: string) => void
}

/** A span that has begun. */
export interface OpenSpan {
  readonly span: Pick<Span<unknown>, 'kind' | 'name' | 'facts'>
  readonly lane: number
  /** Counts the spans of the process. */
  readonly id: number
  /** Id of the span that it lies in. */
  readonly parent: number | undefined
  readonly begun: number
  /** Its begin is written already, so its end is an event of its own. */
  announced: boolean
}

/** Events to collect before they are written together. */
const batch = 512

/** A config may have a hundred thousand files; /run is memory, and writing takes time. Beyond this only what lasts 5 ms is kept. */
const mostEvents = 1000
const shortMicroseconds = 5000

/** What happens to spans, as lines of the trace. */
interface TraceEvents {
  /** A lane is used for the first time. */
  lane(lane: number): void
  ended(span: OpenSpan, facts: SpanFacts | undefined): void
  /** Writes out what is collected; of those open, the ones that have lasted so many microseconds as begun. */
  flush(open: readonly OpenSpan[], longerThan: number): void
}

/**
 * Events of the trace format, one a line, written in batches.
 * <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
 */
export function createEvents({ process, pid, clock, write }: TraceOptions): TraceEvents {
  let lines = metadata('process_name', { pid, tid: 0 }, process)
  let collected = 1
  let events = 0
  let leftOut = 0

  const writeOut = () => {
    if (collected > 0) write(lines)
    lines = ''
    collected = 0
  }
  const add = (line: string) => {
    lines += line
    collected += 1
    if (collected >= batch) writeOut()
  }
  return {
    lane: (tid) => add(metadata('thread_name', { pid, tid }, tid === 0 ? 'in order' : `beside ${tid}`)),
    ended(opened, facts) {
      const now = clock()
      const { begun, announced, span } = opened
      const isStage = span.kind === 'stage'
      if (!announced && !isStage && events >= mostEvents && now - begun < shortMicroseconds) {
        leftOut += 1
        return
      }
      events += 1
      const all = isStage && leftOut > 0 ? { ...facts, leftOut } : facts
      add(
        announced
          ? event(pid, opened, { ph: 'E', times: `"ts":${now}`, facts: all })
          : event(pid, opened, { ph: 'X', times: `"ts":${begun},"dur":${now - begun}`, facts: all }),
      )
    },
    flush(open, longerThan) {
      const now = clock()
      for (const span of open) {
        if (span.announced || now - span.begun < longerThan) continue
        span.announced = true
        add(event(pid, span, { ph: 'B', times: `"ts":${span.begun}`, facts: span.span.facts }))
      }
      writeOut()
    },
  }
}

interface Place {
  readonly pid: number
  readonly tid: number
}

const metadata = (kind: string, { pid, tid }: Place, name: string): string =>
  `{"ph":"M","name":"${kind}","pid":${pid},"tid":${tid},"args":${JSON.stringify({ name })}},\n`

interface Event {
  readonly ph: 'B' | 'E' | 'X'
  readonly times: string
  readonly facts: SpanFacts | undefined
}

function event(pid: number, { span, lane, id, parent }: OpenSpan, { ph, times, facts }: Event): string {
  const inside = parent === undefined ? '' : `,"in":${parent}`
  const args = facts === undefined ? '' : `,"args":${JSON.stringify(facts)}`
  const what = `"cat":"${span.kind}","name":${JSON.stringify(span.name)}`
  return `{"ph":"${ph}",${what},"pid":${pid},"tid":${lane},${times},"span":${id}${inside}${args}},\n`
}
