import type { SpanKind } from '../system/span.ts'
import type { TraceProcess, TraceSpan } from './read.ts'

/** An operation with the time that is its own, not that of what lies in it. */
export interface Blamed {
  readonly stage: string
  readonly kind: SpanKind
  readonly name: string
  /** Since the kernel started. */
  readonly begunSeconds: number
  readonly seconds: number
  readonly ownSeconds: number
  readonly isOpen: boolean
  /** Code of the error that ended it. */
  readonly failed: string | undefined
}

/** All operations of a trace, the one that took longest first. */
export function blame(processes: readonly TraceProcess[]): readonly Blamed[] {
  const all = processes.flatMap(({ name, spans }) => spans.flatMap((span) => [...blamed(name, span)]))
  return all.toSorted((a, b) => b.ownSeconds - a.ownSeconds)
}

/** Stages and sections are what the others lie in: there is nobody to blame. */
const isFrame = ({ kind }: TraceSpan) => kind === 'section'

function* blamed(stage: string, span: TraceSpan): Generator<Blamed> {
  const seconds = span.ended - span.begun
  // the request is what a fetch does
  const inside = span.children.filter((child) => !(span.kind === 'fetch' && child.kind === 'request'))
  for (const child of inside) yield* blamed(stage, child)
  if (isFrame(span)) return
  const { failed } = span.facts
  yield {
    stage,
    kind: span.kind,
    name: span.kind === 'observe' || span.kind === 'plan' ? `${span.kind} ${span.name}` : span.name,
    begunSeconds: span.begun,
    seconds,
    ownSeconds: Math.max(0, seconds - covered(inside)),
    isOpen: span.isOpen,
    failed: failed === undefined ? undefined : String(failed),
  }
}

/** Seconds in which at least one of the spans, in order of begin, lasted. */
function covered(spans: readonly TraceSpan[]): number {
  let seconds = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { begun, ended } of spans) {
    seconds += Math.max(0, ended - Math.max(begun, until))
    until = Math.max(until, ended)
  }
  return seconds
}

/** As `systemd-analyze` writes times: `1min 2.345s`, `345ms`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`
  const minutes = Math.floor(seconds / 60)
  const rest = `${(seconds - minutes * 60).toFixed(3)}s`
  return minutes === 0 ? rest : `${minutes}min ${rest}`
}

const mostNamed = 20

/** The slowest operations, one a line, and every stage with its time. */
export function formatBlame(processes: readonly TraceProcess[], most = mostNamed): string {
  const operations = blame(processes)
  const named = operations.slice(0, most)
  const others = operations.slice(most).reduce((sum, { ownSeconds }) => sum + ownSeconds, 0)
  const width = Math.max(0, ...processes.map(({ name }) => name.length))
  const lines = named.map(
    ({ stage, name, ownSeconds, isOpen, failed }) =>
      `${formatSeconds(ownSeconds).padStart(12)}  ${stage.padEnd(width)}  ${name}${ending(isOpen, failed)}`,
  )
  if (operations.length > most)
    lines.push(`${formatSeconds(others).padStart(12)}  ${operations.length - most} more`)
  return [...lines, '', ...processes.map((process) => stageLine(process, width)), totalLine(processes)]
    .map((line) => `${line}\n`)
    .join('')
}

function ending(isOpen: boolean, failed: string | undefined): string {
  if (isOpen) return ' (has not ended)'
  return failed === undefined ? '' : ` (failed${failed === 'yes' ? '' : `: ${failed}`})`
}

const stageLine = ({ name, begun, ended, isOpen }: TraceProcess, width: number): string =>
  `${formatSeconds(ended - begun).padStart(12)}  ${name.padEnd(width)}  from ${begun.toFixed(3)}s to ${ended.toFixed(3)}s after the kernel's start${ending(isOpen, undefined)}`

function totalLine(processes: readonly TraceProcess[]): string {
  const total = processes.reduce((sum, { begun, ended }) => sum + ended - begun, 0)
  return `${formatSeconds(total).padStart(12)}  all stages`
}
