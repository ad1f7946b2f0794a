import { expect, test } from 'vitest'
import type { FileSystem } from '../../src/system/real-files.ts'
import { createWriteBehind } from '../../src/system/write-behind.ts'

type Done = (error: NodeJS.ErrnoException | null, count: number) => void

/** A file in memory; what its threads do waits in `jobs` for the test. */
function start() {
  const content = Buffer.alloc(8 * 1024 * 1024)
  const jobs: { readonly chunks: readonly Uint8Array[]; readonly at: number; readonly done: Done }[] = []
  const flushes: ((error: NodeJS.ErrnoException | null) => void)[] = []
  const state = { content, jobs, flushes, closed: 0, end: 0 }
  const put = (chunk: Uint8Array, at: number) => {
    if (at + chunk.length <= content.length) content.set(chunk, at)
    state.end = Math.max(state.end, at + chunk.length)
  }
  const fs = {
    writeSync(_descriptor: number, data: Uint8Array, offset: number, length: number, at: number) {
      put(data.subarray(offset, offset + length), at)
      return length
    },
    writev: (_descriptor: number, chunks: Uint8Array[], at: number, done: Done) =>
      void jobs.push({ chunks, at, done }),
    fdatasync: (_descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) =>
      void flushes.push(done),
    closeSync: () => {
      state.closed += 1
    },
  }
  /** Lets the thread write all, or so many bytes, of what it was given. */
  const work = (bytes = Number.POSITIVE_INFINITY) => {
    const job = jobs.shift()
    if (!job) throw new Error('no thread is writing')
    const all = Buffer.concat(job.chunks).subarray(0, bytes)
    put(all, job.at)
    job.done(null, all.length)
  }
  return { ...createWriteBehind(fs as unknown as FileSystem, 3), state, work }
}

const chunkBytes = 100_000
const chunk = (value: number) => new Uint8Array(chunkBytes).fill(value)

function expectRuns({ content, end }: ReturnType<typeof start>['state'], values: readonly number[]) {
  expect(end).toBe(values.length * chunkBytes)
  expect(values.map((_, index) => content[index * chunkBytes])).toEqual(values)
  expect(values.map((_, index) => content[(index + 1) * chunkBytes - 1])).toEqual(values)
}

const values = Array.from({ length: 12 }, (_, index) => index + 1)

test('helps while a thread is behind, and keeps every byte in its place', async () => {
  const { take, settle, state, work } = start()
  for (const value of values) take(chunk(value))
  expect(state.jobs).toHaveLength(1)
  const settled = settle()
  work()
  await settled
  expectRuns(state, values)
})

test('a thread whose turn does not come is not waited for: what waits stays below 2.5 MiB', async () => {
  const { take, settle, state, work } = start()
  const many = Array.from({ length: 60 }, (_, index) => index + 1)
  let taken = 0
  for (const value of many) {
    take(chunk(value))
    taken += chunkBytes
    // what the thread has, at the beginning, is not written yet
    expect(taken - state.end).toBeLessThan(2.5 * 1024 * 1024)
  }
  expect(state.jobs).toHaveLength(1)
  const settled = settle()
  work()
  await settled
  expectRuns(state, many)
})

test('what a thread left unwritten is written', async () => {
  const { take, settle, state, work } = start()
  for (const value of values) take(chunk(value))
  const settled = settle()
  work(chunkBytes + 7)
  await settled
  expectRuns(state, values)
})

test('memory is freed when all that may share it is written', async () => {
  const { take, settle, work } = start()
  const whole = new Uint8Array(6 * chunkBytes)
  const pieces = values
    .slice(0, 6)
    .map((_, index) => whole.subarray(index * chunkBytes, (index + 1) * chunkBytes))
  for (const piece of pieces) take(piece)
  const settled = settle()
  expect(whole.length).toBeGreaterThan(0)
  work()
  await settled
  expect(whole.length).toBe(0)
})

test('how a thread failed is thrown by the next take, and when settling', async () => {
  const { take, settle, state } = start()
  for (const value of values) take(chunk(value))
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  state.jobs.shift()?.done(full, 0)
  expect(() => take(chunk(0))).toThrow(full)
  await expect(settle()).rejects.toThrow(full)
})

test('the descriptor outlives its threads, whatever they do', () => {
  const { take, close, state, work } = start()
  for (const value of values) take(chunk(value))
  close()
  expect(state.closed).toBe(0)
  work()
  expect(state.closed).toBe(1)
})

test('goes to disk while more arrives; a disk that fails is told, a file that cannot be flushed is not', async () => {
  const { take, settle, state, work } = start()
  const megabytes = (count: number) => {
    for (let taken = 0; taken < count; taken += 1) take(new Uint8Array(1024 * 1024))
  }
  megabytes(63)
  expect(state.flushes).toHaveLength(0)
  megabytes(2)
  expect(state.flushes).toHaveLength(1)
  state.flushes.shift()?.(Object.assign(new Error('a pipe'), { code: 'EINVAL' }))
  megabytes(64)
  state.flushes.shift()?.(Object.assign(new Error('the disk is broken'), { code: 'EIO' }))
  expect(() => megabytes(1)).toThrow('the disk is broken')
  work()
  await expect(settle()).rejects.toThrow('the disk is broken')
})
