import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/system/caller.ts'
import type { MailboxOptions } from '../../src/system/mailbox.ts'
import { type Job, type ServeOptions, serve } from '../../src/warm/serve.ts'

const callerOf = (...args: readonly string[]): Caller => ({
  pid: 7,
  commandLine: ['/bin/sh', '/usr/libexec/firstlight-stage', ...args],
  environment: {},
  differences: [],
})

/** A server without a machine: what it answers to each request, and the stages that run, which the test ends. */
function start(changes: Partial<ServeOptions> = {}) {
  let post: Pick<MailboxOptions, 'onRequest' | 'onGone'> | undefined
  let throwAnywhere: (error: unknown) => void = () => undefined
  const events: string[] = []
  const running: { readonly job: Job; end(code: number): void }[] = []
  const served = serve({
    stages: ['files', 'umount'],
    findCaller: () => callerOf('--stage=files'),
    openMailbox(options) {
      post = options
      return {
        keepAlive: (wanted) => void events.push(`keep alive ${wanted}`),
        remove: () => void events.push('removed'),
      }
    },
    fits: async () => true,
    run: (job) => new Promise((resolve) => running.push({ job, end: resolve })),
    onBusy: (busy) => void events.push(`busy ${busy}`),
    catchAll: (take) => {
      throwAnywhere = take
    },
    describe: (stage, error) => `${stage}: ${String(error)}`,
    ahead: [],
    ...changes,
  })
  return {
    served,
    events,
    running,
    gone: (name: string) => post?.onGone(name),
    throwAnywhere: (error: unknown) => throwAnywhere(error),
    /** The lines that a request is answered with so far. */
    ask: async (name: string, line = '7') => {
      const said: string[] = []
      post?.onRequest({
        name,
        line,
        reply: { write: (text) => void said.push(text), close: () => void said.push('.') },
      })
      await settle()
      return said
    },
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a request', () => {
  test('is taken before anything of the stage is done, and ends with its code', async () => {
    const { ask, running, events, served } = start()
    const said = await ask('files')
    expect(said).toEqual(['taken\n'])
    running[0]?.job.output('out', 'a\n')
    running[0]?.end(1)
    expect(await served).toEqual({ code: 0, done: ['files'] })
    expect(said).toEqual(['taken\n', 'out a\n', 'exit 1\n', '.'])
    expect(events).toEqual(['keep alive false', 'busy true', 'keep alive true', 'busy false', 'removed'])
  })

  const refused = ['alone\n', '.']

  test.each([
    ['not a process id', 'files', 'seven'],
    ['from a unit of another stage', 'umount', '7'],
  ])('is handed back when it is %s', async (_, name, line) => {
    const { ask, running } = start()
    expect(await ask(name, line)).toEqual(refused)
    expect(running).toEqual([])
  })

  test.each([
    ['a process that is not there', undefined],
    ['another program', { ...callerOf(), commandLine: ['/bin/sh', '--stage=files'] }],
  ])('is handed back when it is of %s', async (_, caller) => {
    expect(await start({ findCaller: () => caller }).ask('files')).toEqual(refused)
  })

  test('is handed back when the stage would not be the same here, and the next one is taken', async () => {
    const answers = [false, true]
    const { ask } = start({ fits: async () => answers.shift() ?? false })
    expect(await ask('files')).toEqual(refused)
    expect(await ask('files')).toEqual(['taken\n'])
  })

  test('is handed back while another stage runs', async () => {
    const { ask, running } = start()
    expect(await ask('files')).toEqual(['taken\n'])
    expect(await ask('files')).toEqual(refused)
    expect(running).toHaveLength(1)
  })
})

describe('the process ends', () => {
  test('after the last stage and not before', async () => {
    const { ask, running, served } = start({ findCaller: () => callerOf('--stage=umount') })
    await ask('umount')
    running[0]?.end(0)
    expect(await served).toEqual({ code: 0, done: ['umount'] })
  })

  test('when the unit of the running stage is gone, and not for another', async () => {
    const { ask, gone, served, events } = start()
    await ask('files')
    gone('umount')
    await settle()
    expect(events).not.toContain('removed')
    gone('files')
    expect(await served).toEqual({ code: 0, done: [] })
  })

  test('with the stage, when something goes wrong that nobody expects', async () => {
    const { ask, throwAnywhere, served } = start()
    const said = await ask('files')
    throwAnywhere(new Error('no such thing'))
    expect(await served).toEqual({ code: 0, done: ['files'] })
    expect(said).toEqual(['taken\n', 'err files: Error: no such thing\n', 'exit 1\n', '.'])
  })

  test('as failed, when that happens between stages', async () => {
    const { throwAnywhere, served } = start()
    throwAnywhere(new Error('no such thing'))
    expect(await served).toEqual({ code: 1, done: [] })
  })
})

test('what a stage that has passed left behind fails no other', async () => {
  const wake = Promise.withResolvers<void>()
  const { ask, running, throwAnywhere, events } = start({
    run: (job) => {
      if (running.length === 0) setTimeout(() => void wake.promise.then(() => throwAnywhere('late')))
      return new Promise((resolve) => running.push({ job, end: resolve }))
    },
  })
  await ask('files')
  await new Promise((resolve) => setTimeout(resolve, 5))
  running[0]?.end(0)
  await settle()
  const said = await ask('files')
  wake.resolve()
  await settle()
  expect(said).toEqual(['taken\n'])
  expect(events).not.toContain('removed')
})

test('works ahead only while there is no stage', async () => {
  const did: number[] = []
  const { ask, running } = start({ ahead: [1, 2, 3].map((number) => async () => void did.push(number)) })
  const said = await ask('files')
  const before = did.length
  await settle()
  await settle()
  expect(said).toEqual(['taken\n'])
  expect(did.length).toBeLessThanOrEqual(before + 1)
  expect(did.length).toBeLessThan(3)
  running[0]?.end(0)
  for (let turn = 0; turn < 5; turn++) await settle()
  expect(did).toEqual([1, 2, 3])
})
