import type { SpanFacts, SpanKind } from '../system/span.ts'

/** A span as it was recorded. Times are seconds since the kernel started. */
export interface TraceSpan {
  readonly kind: SpanKind
  readonly name: string
  readonly facts: SpanFacts
  /** Spans of one lane lie inside each other or one after the other. */
  readonly lane: number
  readonly begun: number
  readonly ended: number
  /** The trace does not say when it ended; `ended` is the last that is known of its process. */
  readonly isOpen: boolean
  /** What lies directly in it, in order of begin; in its own lane or beside it. */
  readonly children: readonly TraceSpan[]
}

/** One stage, or another process that left a trace. */
export interface TraceProcess {
  readonly name: string
  readonly begun: number
  readonly ended: number
  readonly isOpen: boolean
  /** Outermost first; the stage itself is not among them. */
  readonly spans: readonly TraceSpan[]
}

interface Event {
  readonly ph: 'B' | 'E' | 'X' | 'M'
  readonly cat: SpanKind
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly args?: SpanFacts
  readonly span?: number
  /** The span that this one lies in. */
  readonly in?: number
}

interface Draft extends Omit<TraceSpan, 'ended' | 'isOpen' | 'children'> {
  readonly id: number | undefined
  readonly parent: number | undefined
  facts: SpanFacts
  ended: number
  isOpen: boolean
  readonly children: Draft[]
}

interface Process {
  readonly name: string
  readonly spans: Draft[]
  last: number
}

/**
 * Reads a trace of Firstlight: one event a line. Lines that are no event are passed over, for a machine may have been
 * switched off in the middle of one. Processes in the order in which they began to write.
 */
export function readTrace(text: string): readonly TraceProcess[] {
  const processes: Process[] = []
  const current = new Map<number, Process>()
  for (const line of text.split('\n')) {
    const event = eventIn(line)
    if (event === undefined) continue
    // a number may come back: what names a process begins it
    if (event.ph === 'M' && event.name === 'process_name') {
      const process = { name: String(event.args?.['name']), spans: [], last: 0 }
      processes.push(process)
      current.set(event.pid, process)
    } else if (event.ph !== 'M') {
      const process = current.get(event.pid)
      if (process !== undefined) take(process, event)
    }
  }
  return processes.map(finish)
}

function eventIn(line: string): Event | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const event = JSON.parse(line.replace(/,\s*$/, '')) as Partial<Event>
    const isWhole =
      typeof event.pid === 'number' && typeof event.tid === 'number' && typeof event.name === 'string'
    return isWhole && (event.ph === 'M' || typeof event.ts === 'number') ? (event as Event) : undefined
  } catch {
    return undefined
  }
}

const perSecond = 1e6

function take(
  process: Process,
  { ph, cat, name, tid, ts, dur = 0, args = {}, span: id, in: parent }: Event,
): void {
  process.last = Math.max(process.last, ts + dur)
  if (ph === 'E') {
    const begun = process.spans.findLast(
      (span) => span.isOpen && span.lane === tid && span.name === name && span.kind === cat,
    )
    if (begun === undefined) return
    begun.ended = ts / perSecond
    begun.isOpen = false
    begun.facts = { ...begun.facts, ...args }
    return
  }
  process.spans.push({
    kind: cat,
    name,
    facts: args,
    lane: tid,
    begun: ts / perSecond,
    ended: (ts + dur) / perSecond,
    isOpen: ph === 'B',
    children: [],
    id,
    parent,
  })
}

/** Ends what is open, and puts everything into what it lies in. */
function finish({ name, spans, last }: Process): TraceProcess {
  for (const span of spans) if (span.isOpen) span.ended = last / perSecond
  const byId = new Map(spans.map((span) => [span.id, span]))
  const roots: Draft[] = []
  const inOrder = spans.toSorted((a, b) => a.begun - b.begun || (a.id ?? 0) - (b.id ?? 0))
  for (const span of inOrder) {
    if (span.kind === 'stage') continue
    const parent = span.parent === undefined ? undefined : byId.get(span.parent)
    const isOutermost = parent === undefined || parent.kind === 'stage'
    ;(isOutermost ? roots : parent.children).push(span)
  }
  const stage = spans.find(({ kind }) => kind === 'stage')
  return {
    name,
    begun: stage?.begun ?? inOrder[0]?.begun ?? 0,
    ended: stage?.ended ?? last / perSecond,
    isOpen: stage?.isOpen ?? true,
    spans: roots,
  }
}
