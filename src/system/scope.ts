import type { ProgramName } from './programs.ts'
import type { Log, RunOptions, RunResult, System } from './system.ts'

/** The verbs of a System that do not depend on where in the work it is used. */
export type Basics = Omit<System, 'log' | 'run' | 'scoped' | 'operation'>

interface Start {
  readonly program: ProgramName
  readonly args: readonly string[]
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

  const operation: System['operation'] = async (description, work) => {
    counter.last += 1
    const inner = scoped(`op(${counter.last.toString(16)})`)
    inner.log('info', `[started]  ${description}`)
    try {
      const result = await work(inner)
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
    if (description === undefined) return start({ program, args, options, log })
    return operation(description, async (inner) => start({ program, args, options, log: inner.log }))
  }

  return { ...basics, log, scoped, operation, run }
}
