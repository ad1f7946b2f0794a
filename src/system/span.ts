/** What a span of the boot trace stands for. */
export type SpanKind =
  | 'stage'
  | 'start'
  | 'config'
  | 'section'
  | 'observe'
  | 'plan'
  | 'step'
  | 'operation'
  | 'program'
  | 'fetch'
  | 'request'
  | 'wait'

/** What is to be known of a span besides its times; no secrets. */
export type SpanFacts = Readonly<Record<string, string | number>>

/** A piece of work in the boot trace. */
export interface Span<T> {
  readonly kind: SpanKind
  /** One line for a person, as in the log. */
  readonly name: string
  readonly facts?: SpanFacts | undefined
  /** What is known when it is over. */
  readonly learned?: (result: T) => SpanFacts
}
