import nodeFs, { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeWhole } from './file-descriptor.ts'
import type { Log } from './system.ts'
import { createTrace, type Trace } from './trace.ts'

/** Where the stages of a boot leave their trace. /run goes over into the real root. */
export const bootTracePath = '/run/firstlight/trace.json'

/** Milliseconds that a killed process may take with it. */
const flushMilliseconds = 1000

export interface TraceFileOptions {
  readonly path: string
  /** What this process is: `files`. */
  readonly process: string
  readonly log: Log
  /** Default: this process. */
  readonly life?: Life | undefined
}

/** A process, or a part of one that stands for a process of its own. */
export interface Life {
  readonly pid: number
  /** Milliseconds by `performance.now()`. */
  readonly begun: number
  /** Has something done at its end. */
  readonly atEnd: (work: () => void) => void
}

const ownLife: Life = {
  pid: process.pid,
  begun: 0,
  atEnd: (work) => void process.once('exit', work),
}

/** The trace of a process, from its start to its end, in a file that it shares with those before and after it. */
export function openTrace(options: TraceFileOptions): Pick<Trace, 'span'> & { text(): string | undefined } {
  // the clock of the kernel's and the journal's monotonic times
  const origin = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000
  const { pid, begun, atEnd } = options.life ?? ownLife
  const file = openFile(options)
  const trace = createTrace({
    process: options.process,
    pid,
    begun: Math.round(origin + begun * 1000),
    clock: () => Math.round(origin + performance.now() * 1000),
    write: (lines) => file.append(lines),
  })
  const timer = setInterval(() => trace.flush(), flushMilliseconds).unref()
  atEnd(() => {
    clearInterval(timer)
    trace.close()
    file.close()
  })
  return {
    span: trace.span,
    text() {
      trace.flushAll()
      return file.text()
    },
  }
}

interface TraceFile {
  append(lines: string): void
  /** Undefined when it cannot be written. */
  text(): string | undefined
  close(): void
}

/**
 * An array that is never closed: several processes write it, one after the other. A trace that cannot be written is no
 * reason to fail; that is said once.
 */
function openFile({ path, log }: TraceFileOptions): TraceFile {
  let descriptor: number | undefined
  let isDead = false
  return {
    append(lines) {
      if (isDead) return
      try {
        if (descriptor === undefined) {
          descriptor = open(path)
          // a process before may have been killed in the middle of a line
          lines = `${fstatSync(descriptor).size === 0 ? '[' : ''}\n${lines}`
        }
        writeWhole(nodeFs, descriptor, { data: Buffer.from(lines) })
      } catch (error) {
        this.close()
        log('notice', `no more boot trace: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    close() {
      isDead = true
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
    text: () => (isDead || descriptor === undefined ? undefined : readFileSync(path, 'utf8')),
  }
}

function open(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  if (fstatSync(descriptor).isFile()) return descriptor
  closeSync(descriptor)
  throw new Error(`"${path}" is not a regular file`)
}
