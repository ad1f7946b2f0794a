import { AsyncLocalStorage } from 'node:async_hooks'
import { IgnitionError } from '../errors.ts'
import { showUrl } from '../resources/show-url.ts'
import type { SpanFacts } from './span.ts'
import type { System } from './system.ts'
import { createEvents, type OpenSpan, type TraceOptions } from './trace-events.ts'

/** Records what a process does, and for how long, as events of Chrome's trace format. */
export interface Trace {
  readonly span: System['span']
  /** Writes out what has not been written; spans that last are written as begun. */
  flush(): void
  /** As `flush`, and whatever has begun is written as begun. */
  flushAll(): void
  /** The end of the process. */
  close(): void
}

/** Microseconds after which a span that has not ended is written as begun: a process may be killed. */
const longMicroseconds = 1_000_000

/** Outside a boot: nothing is recorded. */
export const noTrace: Pick<Trace, 'span'> = { span: async (_, work) => work() }

/** Requests as spans, to the headers of the answer. */
export function tracedRequest(span: System['span'], request: System['request']): System['request'] {
  return async (asked) =>
    span(
      {
        kind: 'request',
        name: `${asked.method} ${showUrl(asked.url)}`,
        learned: ({ status }) => ({ status }),
      },
      () => request(asked),
    )
}

/**
 * Spans nest by the chain of calls. Those side by side get lanes of their own, in which spans lie inside each other or
 * one after the other, as viewers of the format want it.
 */
export function createTrace(options: TraceOptions): Trace {
  const { clock } = options
  const current = new AsyncLocalStorage<OpenSpan>()
  const lanes: OpenSpan[][] = []
  const events = createEvents(options)
  let count = 0

  const open = (span: OpenSpan['span'], parent: OpenSpan | undefined, begun: number): OpenSpan => {
    const lane = laneFor(lanes, parent)
    if (lane === lanes.length) {
      lanes.push([])
      events.lane(lane)
    }
    count += 1
    const opened = { span, lane, id: count, parent: parent?.id, begun, announced: false }
    lanes[lane]?.push(opened)
    return opened
  }
  const end = (opened: OpenSpan, facts: SpanFacts | undefined): void => {
    const stack = lanes[opened.lane] ?? []
    stack.splice(stack.lastIndexOf(opened), 1)
    events.ended(opened, facts)
  }

  const root = open({ kind: 'stage', name: options.process }, undefined, options.begun)
  end(open({ kind: 'start', name: 'starting' }, root, options.begun), undefined)
  return {
    async span(span, work) {
      const opened = open(span, current.getStore() ?? root, clock())
      let learned: SpanFacts | undefined
      try {
        const result = await current.run(opened, work)
        learned = span.learned?.(result)
        return result
      } catch (error) {
        learned = { failed: error instanceof IgnitionError ? error.code : 'yes' }
        throw error
      } finally {
        end(opened, span.facts && learned ? { ...span.facts, ...learned } : (learned ?? span.facts))
      }
    },
    flush: () => events.flush(lanes.flat(), longMicroseconds),
    flushAll: () => events.flush(lanes.flat(), 0),
    close() {
      end(root, undefined)
      events.flush(lanes.flat(), 0)
    },
  }
}

/** The parent's lane when nothing else goes on in it, otherwise the first empty one. */
function laneFor(lanes: readonly OpenSpan[][], parent: OpenSpan | undefined): number {
  if (parent !== undefined && lanes[parent.lane]?.at(-1) === parent) return parent.lane
  const free = lanes.findIndex((stack) => stack.length === 0)
  return free < 0 ? lanes.length : free
}
