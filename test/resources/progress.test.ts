import { expect, test } from 'vitest'
import { createProgress, formatProgress, type ProgressFacts } from '../../src/resources/progress.ts'

const MiB = 2 ** 20

const facts: ProgressFacts = {
  only: undefined,
  done: 3,
  of: 200,
  bytes: 312 * MiB,
  totalBytes: 1024 * MiB,
  bytesPerSecond: 41 * MiB,
  silent: [],
}

test.each<[string, Partial<ProgressFacts>, string]>([
  ['a set', {}, 'fetching: 3 of 200 files, 312 MiB of 1 GiB, 41 MiB/s, about 18 s left'],
  [
    'one file',
    { only: 'http://a/x', of: 1, done: 0 },
    'fetching http://a/x: 312 MiB of 1 GiB, 41 MiB/s, about 18 s left',
  ],
  ['no length', { totalBytes: undefined }, 'fetching: 3 of 200 files, 312 MiB, 41 MiB/s'],
  [
    'long',
    { totalBytes: 2 ** 40 },
    'fetching: 3 of 200 files, 312 MiB of 1 TiB, 41 MiB/s, about 427 min left',
  ],
  ['nothing moves', { bytesPerSecond: 0 }, 'fetching: 3 of 200 files, 312 MiB of 1 GiB, 0 B/s'],
  [
    'more than announced',
    { bytes: 1025 * MiB },
    'fetching: 3 of 200 files, 1 GiB of 1 GiB, 41 MiB/s, about 0 s left',
  ],
  [
    'one is silent',
    { silent: ['http://a/x'] },
    'fetching: 3 of 200 files, 312 MiB of 1 GiB, 41 MiB/s, about 18 s left; waiting for http://a/x',
  ],
  [
    'several are',
    { totalBytes: undefined, silent: ['http://a/x', 'http://a/y', 'http://a/z'] },
    'fetching: 3 of 200 files, 312 MiB, 41 MiB/s; waiting for http://a/x and 2 more',
  ],
])('%s', (_, change, line) => {
  expect(formatProgress({ ...facts, ...change })).toBe(line)
})

function start() {
  const lines: string[] = []
  let now = 1000
  const progress = createProgress({
    monotonic: () => now,
    log: (level, line) => void lines.push(`${level} ${line}`),
  })
  return {
    progress,
    lines,
    after: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

const ok = (length?: number) => ({
  status: 200,
  headers: length === undefined ? {} : { 'content-length': String(length) },
})

test('nothing is said of what is done within two seconds', () => {
  const { progress, lines, after } = start()
  for (let count = 0; count < 5; count += 1) {
    const one = progress.begin('http://a/', 1)
    one.answered(ok(100 * MiB))
    one.add(50 * MiB)
    after(1.9)
    one.add(50 * MiB)
    one.end()
    after(10)
  }
  expect(lines).toEqual([])
})

test('one file: a line after two seconds, and then every five', () => {
  const { progress, lines, after } = start()
  const one = progress.begin('http://a/', 1)
  one.answered(ok(100 * MiB))
  for (let count = 0; count < 10; count += 1) {
    after(1)
    one.add(10 * MiB)
  }
  one.end()
  expect(lines).toEqual([
    'notice fetching http://a/: 30 MiB of 100 MiB, 10 MiB/s, about 7 s left',
    'notice fetching http://a/: 80 MiB of 100 MiB, 10 MiB/s, about 2 s left',
  ])
})

test('a set: the length is known when all have begun; who is silent is named', () => {
  const { progress, lines, after } = start()
  const [first, second] = [progress.begin('http://a/1', 3), progress.begin('http://a/2', 3)]
  first.answered(ok(3 * MiB))
  second.answered(ok(5 * MiB))
  first.add(MiB)
  after(2)
  first.add(MiB)
  first.add(MiB)
  first.end()
  const third = progress.begin('http://a/3', 3)
  third.answered(ok(2 * MiB))
  after(5)
  third.add(MiB)
  expect(lines).toEqual([
    'notice fetching: 0 of 3 files, 2 MiB, 512 KiB/s',
    'notice fetching: 1 of 3 files, 4 MiB of 10 MiB, 409.6 KiB/s, about 15 s left; waiting for http://a/2',
  ])
})

test('a part counts with what was there before it; a body without a length has none', () => {
  const { progress, lines, after } = start()
  const one = progress.begin('http://a/', 1)
  one.answered(ok(100 * MiB))
  one.add(60 * MiB)
  after(3)
  one.answered({ status: 206, headers: { 'content-length': String(40 * MiB) } })
  one.add(10 * MiB)
  one.answered(ok())
  after(10)
  one.add(1)
  expect(lines).toEqual([
    'notice fetching http://a/: 70 MiB of 100 MiB, 3.3 MiB/s, about 9 s left',
    'notice fetching http://a/: 70 MiB, 0.1 B/s',
  ])
})

test('what follows a set that was given up is a set of its own', () => {
  const { progress, lines, after } = start()
  progress.begin('http://a/1', 30).end()
  after(60)
  const one = progress.begin('http://a/2', 1)
  after(60)
  one.add(MiB)
  after(2)
  one.add(MiB)
  expect(lines).toEqual(['notice fetching http://a/2: 2 MiB, 512 KiB/s'])
})
