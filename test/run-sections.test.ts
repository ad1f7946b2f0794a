import { describe, expect, test } from 'vitest'
import { runSections } from '../src/run-sections.ts'
import type { Section, SectionContext, StepWatcher } from '../src/section.ts'
import { fakeSystem } from './helpers/fake-system.ts'
import { failureOf, stage } from './helpers/stage.ts'

const setUp = () => {
  const system = fakeSystem()
  return { system, context: stage({ system, config: {} }) }
}

type Apply = (context: SectionContext, step: string) => Promise<void> | void

/** A section whose steps are the words given; those in capitals may run side by side. */
const section = (
  name: string,
  steps: readonly string[],
  apply: Apply,
): Section<readonly string[], string> => ({
  name,
  wanted: () => steps.length > 0,
  observe: () => steps,
  plan: (_config, facts) => facts,
  describe: (step) => `doing ${step}`,
  isSideBySide: (step) => step === step.toUpperCase(),
  apply,
})

const pause = () => new Promise((resolve) => setImmediate(resolve))

describe('sections', () => {
  test('run one after the other, each step an operation of the log, under the prefix of the step', async () => {
    const { system, context } = setUp()
    const first = {
      ...section('first', ['a', 'b'], ({ system: own }, step) => own.log('info', step)),
      logPrefix: () => 'one',
    }
    await runSections(context, [
      first,
      section('none', [], () => expect.unreachable()),
      section('second', ['c'], () => {}),
    ])
    expect(system.messages.map(({ message }) => message)).toEqual([
      'one: op(1): [started]  doing a',
      'one: op(1): a',
      'one: op(1): [finished] doing a',
      'one: op(2): [started]  doing b',
      'one: op(2): b',
      'one: op(2): [finished] doing b',
      'op(3): [started]  doing c',
      'op(3): [finished] doing c',
    ])
  })

  test('hand on the state that the sections before left', async () => {
    const { context } = setUp()
    const add = (name: string): Section<readonly string[], string> => ({
      ...section(name, ['x'], () => {}),
      remember: ({ state }) => ({ ...state, notatedDirectories: [...state.notatedDirectories, name] }),
    })
    const seen: string[][] = []
    const look = section('look', ['x'], ({ state }) => void seen.push([...state.notatedDirectories]))
    const { notatedDirectories } = await runSections(context, [add('/a'), look, add('/b')])
    expect([seen, notatedDirectories]).toEqual([[['/a']], ['/a', '/b']])
  })

  test('end with the first error', async () => {
    const { context } = setUp()
    const done: string[] = []
    const failing = section('x', ['a', 'b', 'c'], (_, step) => {
      if (step === 'b') throw new TypeError('no')
      done.push(step)
    })
    await expect(
      runSections(context, [failing, section('y', ['d'], () => expect.unreachable())]),
    ).rejects.toThrow('no')
    expect(done).toEqual(['a'])
  })
})

test('a system error that no section put into words names its section and is not called a defect', async () => {
  const { context } = setUp()
  const looking = section('units', ['x'], ({ system }) => void system.files.readText('/sysroot/gone'))
  expect(await failureOf(() => runSections(context, [looking]))).toEqual({
    code: 'FL_FILE',
    message: expect.stringMatching(/^cannot provision units: ENOENT.*\/sysroot\/gone/),
  })
})

describe('steps that may run side by side', () => {
  test('do so with their neighbours only, at most 16 at once', async () => {
    const { context } = setUp()
    let running = 0
    const most = new Map<string, number>()
    const apply: Apply = async (_, step) => {
      running += 1
      for (let turn = 0; turn < 3; turn += 1) await pause()
      most.set(step, Math.max(most.get(step) ?? 0, running))
      running -= 1
    }
    const many = Array.from({ length: 40 }, () => 'M')
    await runSections(context, [section('x', ['a', 'b', 'P', 'P', 'c', 'Q', 'd', ...many], apply)])
    expect(Object.fromEntries(most)).toEqual({ a: 1, b: 1, P: 2, c: 1, Q: 1, d: 1, M: 16 })
  })

  test('end together when one fails, and what they fetch ends with them', async () => {
    const { context, system } = setUp()
    const ended: string[] = []
    const signals: (AbortSignal | undefined)[] = []
    const fetch: SectionContext['fetch'] = {
      ...context.fetch,
      scoped(_, signal) {
        signals.push(signal)
        return context.fetch
      },
    }
    const apply: Apply = async (_, step) => {
      const signal = signals[Number(step)]
      try {
        if (step === '1') throw new Error('the first failure')
        await new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        )
      } finally {
        await pause()
        ended.push(step)
      }
    }
    const steps = Array.from({ length: 30 }, (_, index) => String(index))
    await expect(runSections({ ...context, fetch }, [section('x', steps, apply)])).rejects.toThrow(
      'the first failure',
    )
    expect(ended).toHaveLength(16)
    const failures = system.messages.filter(({ message }) => message.includes('[failed]'))
    expect(
      failures.filter(({ message }) => message.includes('given up, since a step beside it has failed')),
    ).toHaveLength(15)
  })

  test('the error is that of the step, not of those given up', async () => {
    const { context } = setUp()
    const apply: Apply = async ({ fetch }, step) => {
      if (step === 'A') await pause()
      await fetch.toMemory({ source: step === 'A' ? 'http://host/slow' : 'http://host/gone' })
    }
    expect(await failureOf(() => runSections(context, [section('x', ['A', 'B'], apply)]))).toEqual({
      code: 'FL_FETCH',
      message: 'no such resource http://host/gone',
    })
  })

  test('tell the watchers of every step: which, about what, and how it ended', async () => {
    const { context } = setUp()
    const told: unknown[] = []
    const watcher: StepWatcher = {
      planned: (steps) => told.push(['planned', steps.flatMap(({ claims }) => claims)]),
      started: (step) => told.push(['started', step]),
      ended: (step, end) => told.push([end.kind, step.index]),
    }
    const cause = new Error('no')
    const watched: Section<readonly string[], string> = {
      ...section('first', ['a', 'b'], (_context, step) => {
        if (step === 'b') throw cause
      }),
      about: (step) => ['storage', 'files', step],
      claims: (_context, step) => [{ name: step }],
    }
    const failure = runSections({ ...context, watchers: [watcher] }, [watched])
    await expect(failure).rejects.toBe(cause)
    const record = (step: string, index: number) => ({
      section: 'first',
      index,
      description: `doing ${step}`,
      about: ['storage', 'files', step],
      claims: [{ name: step }],
    })
    expect(told).toEqual([
      ['planned', [{ name: 'a' }, { name: 'b' }]],
      ['started', record('a', 0)],
      ['done', 0],
      ['started', record('b', 1)],
      ['failed', 1],
    ])
  })

  test('a watcher that objects keeps the step from happening', async () => {
    const { context } = setUp()
    const objection = new Error('not now')
    const watcher: StepWatcher = {
      started() {
        throw objection
      },
    }
    const failure = runSections({ ...context, watchers: [watcher] }, [
      section('first', ['a'], () => expect.unreachable()),
    ])
    await expect(failure).rejects.toBe(objection)
  })
})
