import { describe, expect, test } from 'vitest'
import { IgnitionError } from '../../src/errors.ts'
import { Secret } from '../../src/secret.ts'
import type { Span } from '../../src/system/span.ts'
import type { TraceSpan } from '../../src/trace/read.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { traceInMemory } from '../helpers/trace.ts'

const operation = (name: string): Span<unknown> => ({ kind: 'operation', name })

/** Names with what lies in them. */
const tree = (spans: readonly TraceSpan[]): unknown =>
  spans.map(({ name, lane, children }) => [name, lane, ...(children.length > 0 ? [tree(children)] : [])])

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a trace', () => {
  test('nests by the chain of calls, without anything being handed on', async () => {
    const { trace, read, pass } = traceInMemory()
    await trace.span(operation('outer'), async () => {
      await turn()
      await trace.span(operation('inner'), () => pass(10))
    })
    await trace.span(operation('next'), () => pass(1))
    trace.close()
    const [process] = read()
    expect(process).toMatchObject({ name: 'files', begun: 5, ended: 5.011, isOpen: false })
    expect(tree(process?.spans.slice(1) ?? [])).toEqual([
      ['outer', 0, [['inner', 0]]],
      ['next', 0],
    ])
  })

  test('gives what runs side by side lanes of their own, and takes a lane again when it is free', async () => {
    const { trace, read, pass } = traceInMemory()
    const gates: (() => void)[] = []
    const held = (name: string) =>
      trace.span(operation(name), async () => {
        await new Promise<void>((resolve) => gates.push(resolve))
        await trace.span(operation(`in ${name}`), () => pass(1))
      })
    await trace.span({ kind: 'section', name: 'all' }, async () => {
      const works = [held('a'), held('b'), held('c')]
      gates[1]?.()
      await works[1]
      works.push(held('d'))
      for (const open of gates) open()
      await Promise.all(works)
    })
    trace.close()
    expect(tree(read()[0]?.spans.slice(1) ?? [])).toEqual([
      [
        'all',
        0,
        [
          ['a', 0, [['in a', 0]]],
          ['b', 1, [['in b', 1]]],
          ['c', 2, [['in c', 2]]],
          ['d', 1, [['in d', 1]]],
        ],
      ],
    ])
  })

  test('says that and why something failed, by its code alone', async () => {
    const { trace, read } = traceInMemory()
    const failing = (cause: Error) =>
      trace.span(operation('x'), () => {
        throw cause
      })
    await expect(failing(new IgnitionError({ code: 'FL_FETCH', message: 'private' }))).rejects.toThrow(
      'private',
    )
    await expect(failing(new Error('private'))).rejects.toThrow('private')
    trace.close()
    expect(
      read()[0]
        ?.spans.slice(1)
        .map(({ facts }) => facts),
    ).toEqual([{ failed: 'FL_FETCH' }, { failed: 'yes' }])
  })

  test('is written in batches, and at the end', async () => {
    const { trace, writes } = traceInMemory()
    for (let count = 0; count < 1000; count += 1) await trace.span(operation('x'), () => undefined)
    expect(writes()).toBe(1)
    trace.close()
    expect(writes()).toBe(2)
  })

  test('has what lasts long before it has ended', async () => {
    const { trace, read, pass } = traceInMemory()
    let finish = () => {}
    const work = trace.span(
      { ...operation('mkfs'), facts: { about: 'a' }, learned: () => ({ exitCode: 0 }) },
      async () => {
        await trace.span(operation('short'), () => pass(2000))
        await new Promise<void>((resolve) => {
          finish = resolve
        })
      },
    )
    await turn()
    trace.flush()
    expect(read()[0]?.spans.slice(1)).toMatchObject([
      { name: 'mkfs', isOpen: true, ended: 7, children: [{ name: 'short', isOpen: false }] },
    ])
    pass(500)
    finish()
    await work
    trace.close()
    expect(read()[0]?.spans.slice(1)).toMatchObject([
      { name: 'mkfs', isOpen: false, ended: 7.5, facts: { about: 'a', exitCode: 0 } },
    ])
  })

  test('stays small however many files a config has, and says how much it leaves out', async () => {
    const { trace, read, pass, written } = traceInMemory()
    for (let count = 0; count < 20_100; count += 1) await trace.span(operation('x'), () => undefined)
    await trace.span(operation('slow'), () => pass(10))
    trace.close()
    expect(read()[0]?.spans.filter(({ name }) => name === 'x').length).toBeLessThan(1001)
    expect(read()[0]?.spans.at(-1)).toMatchObject({ name: 'slow' })
    expect(written()).toMatch(/"cat":"stage".*"leftOut":1910\d/)
  })
})

test('operations, programs and requests of a System are spans; without secrets', async () => {
  const { trace, read, written } = traceInMemory()
  const system = fakeSystem({ trace, server: () => ({ status: 404 }) })
  await system.operation('making a user', async (inner) => {
    await inner.run('useradd', ['--password', new Secret('hunter2'), 'core'], {
      description: 'adding',
    })
    const timeouts = { connectSeconds: 1, tlsHandshakeSeconds: 1, responseHeadersSeconds: 1 }
    const url = 'http://me:hunter2@host/?token=hunter2'
    await inner.request({
      method: 'GET',
      url,
      headers: [['X', 'hunter2']],
      timeouts,
      certificateAuthorities: [],
    })
  })
  trace.close()
  expect(read()[0]?.spans.slice(1)).toMatchObject([
    {
      name: 'making a user',
      children: [
        {
          kind: 'operation',
          name: 'adding',
          children: [
            { kind: 'program', name: '"useradd" "--password" "<secret>" "core"', facts: { exitCode: 0 } },
          ],
        },
        { kind: 'request', name: 'GET http://host/?token=***', facts: { status: 404 } },
      ],
    },
  ])
  expect(written()).not.toContain('hunter2')
})
