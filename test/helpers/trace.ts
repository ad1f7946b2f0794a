import { createTrace, type Trace } from '../../src/system/trace.ts'
import { readTrace, type TraceProcess } from '../../src/trace/read.ts'

/** A trace in memory on a clock that a test sets. */
export function traceInMemory(process = 'files'): {
  readonly trace: Trace & { text(): string }
  /** Lets so many milliseconds pass. */
  readonly pass: (milliseconds: number) => void
  readonly written: () => string
  readonly read: () => readonly TraceProcess[]
  /** How often something was written. */
  readonly writes: () => number
} {
  let microseconds = 5_000_000
  let text = ''
  let writes = 0
  const trace = createTrace({
    process,
    pid: 7,
    begun: microseconds,
    clock: () => microseconds,
    write(lines) {
      text += lines
      writes += 1
    },
  })
  return {
    trace: {
      ...trace,
      text() {
        trace.flushAll()
        return text
      },
    },
    pass: (milliseconds) => {
      microseconds += milliseconds * 1000
    },
    written: () => text,
    read: () => readTrace(text),
    writes: () => writes,
  }
}
