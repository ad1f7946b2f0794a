import type { Secret } from '../secret.ts'
import { commandLine } from './command-line.ts'
import type { ProgramName } from './programs.ts'
import type { Log, RunOptions, RunResult, System } from './system.ts'

/** The verbs of a System that do not depend on where in the work it is used. */
export type Basics = Omit<System, 'log' | 'run' | 'scoped' | 'operation'>

interface Start {
  readonly program: ProgramName
  readonly args: readonly (string | Secret)[]
  readonly options: RunOptions
  readonly log: Log
}

export interface ScopeOptions {
  readonly basics: Basics
  readonly start: (start: Start) => Promise<RunResult>
  readonly sink: Log
  readonly prefixes: readonly string[]
  /** Counts the operations of the process; shared by all scopes of one System. */
  readonly counter?: { last: number }
}

/**
 * A System whose messages carry the given prefixes. Each scope has its own, so work that runs side by side cannot put
 * its messages under another's name.
 */
export function scope({ basics, start, sink, prefixes, counter = { last: 0 } }: ScopeOptions): System {
  const log: Log = (level, message) => sink(level, [...prefixes, message].join(': '))
  const scoped = (prefix: string) => scope({ basics, start, sink, prefixes: [...prefixes, prefix], counter })

  const operation: System['operation'] = async (
    description,
    work,
    { kind, facts } = { kind: 'operation' },
  ) => {
    counter.last += 1
    const inner = scoped(`op(${counter.last.toString(16)})`)
    inner.log('info', `[started]  ${description}`)
    try {
      const result = await basics.span({ kind, name: description, facts }, () => work(inner))
      inner.log('info', `[finished] ${description}`)
      return result
    } catch (error) {
      inner.log(
        'crit',
        `[failed]   ${description}: ${error instanceof Error ? error.message : String(error)}`,
      )
      throw error
    }
  }

  const run: System['run'] = async (program, args, options = {}) => {
    const { description } = options
    const span = {
      kind: 'program',
      name: commandLine(program, args).text,
      learned: ({ exitCode }: RunResult) => ({ exitCode }),
    } as const
    const traced = async (to: Log) => basics.span(span, () => start({ program, args, options, log: to }))
    if (description === undefined) return traced(log)
    return operation(description, async (inner) => traced(inner.log))
  }

  return { ...basics, log, scoped, operation, run }
}
