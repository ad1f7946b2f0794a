import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { waitFor } from '../../src/system/explained-wait.ts'
import { waits } from '../../src/system/waits.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { traceInMemory } from '../helpers/trace.ts'

const sources = join(import.meta.dirname, '../../src')

/** Files of the door that may let time pass without the table of waits → what bounds it. */
const clocks: Readonly<Record<string, string>> = {
  'system/connect.ts': 'the time-outs of the request',
  'system/pause.ts': 'the patience of the log, two seconds a message; a reader of the output that is behind',
  'system/real.ts': 'the verb itself',
  'system/run.ts': 'three seconds for output that stays open',
  'system/running.ts': 'says that a program runs; its limit',
  'system/service-manager.ts': 'nothing waits for it',
  'system/trace-file.ts': 'nothing waits for it',
  'system/udp.ts': 'the time that the caller gives',
  'system/vsock.ts': 'the time-outs of the request',
}

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const textOf = (name: string) => readFileSync(join(sources, name), 'utf8')

test('nothing lets time pass but the verb that demands an owner, and what is bounded otherwise', () => {
  const clock = /\bset(?:Timeout|Interval)\b|\bAtomics\.wait\b|\btimers\/promises\b|\bAbortSignal\.timeout\b/
  expect(files.filter((name) => clock.test(textOf(name))).sort()).toEqual(Object.keys(clocks))
})

test('every row of the table is waited for somewhere, and has a limit or says what ends it', () => {
  const text = files
    .filter((name) => name !== 'system/waits.ts')
    .map(textOf)
    .join('')
  for (const [owner, { what, limit }] of Object.entries(waits)) {
    expect(text).toContain(`'${owner}'`)
    expect(what).not.toBe('')
    if ('seconds' in limit) expect(limit.seconds).toBeGreaterThan(0)
    else expect(limit.endedBy).not.toBe('')
  }
})

test('a wait says what is awaited, since when, until when and what was found out, more and more seldom', async () => {
  const { trace, read } = traceInMemory()
  const system = fakeSystem({ trace })
  let looks = 0
  const isThereAtLast = () => {
    looks += 1
    return looks > 4000
  }
  const wait = (seconds: number | undefined, isThere: () => boolean) =>
    waitFor(system, {
      owner: 'config drive',
      what: 'a drive',
      seconds,
      everySeconds: 0.5,
      look: () => (isThere() ? 'it' : undefined),
      found: () => `looked ${looks} times`,
    })
  expect(await wait(5000, isThereAtLast)).toBe('it')
  const told = system.messages.map(({ level, message }) => `${level} ${message}`)
  expect(told[0]).toBe(
    'notice still waiting for a drive, since 5 s, for 4995 s more at most: looked 11 times',
  )
  expect(told.map((line) => Number(/since (\d+)/.exec(line)?.[1]))).toEqual([
    5, 10, 20, 40, 80, 160, 320, 620, 920, 1220, 1520, 1820,
  ])
  expect(await wait(undefined, () => true)).toBe('it')
  expect(await wait(1.2, () => false)).toBeUndefined()
  expect(system.slept.slice(-3).map((each) => Math.round(each))).toEqual([500, 500, 200])
  trace.close()
  expect(
    read()[0]
      ?.spans.slice(1)
      .map(({ kind, name }) => [kind, name]),
  ).toEqual([
    ['wait', 'a drive'],
    ['wait', 'a drive'],
  ])
})
