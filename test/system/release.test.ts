import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { release } from '../../src/system/release.ts'

test('frees a chunk that has its memory for itself', () => {
  const chunk = Buffer.alloc(100_000)
  release(chunk)
  expect(chunk.length).toBe(0)
  expect(() => release(chunk)).not.toThrow()
})

test('frees memory with the last chunk in it, not before', () => {
  const whole = new Uint8Array(100_000)
  const [first, last] = [whole.subarray(0, 50_000), whole.subarray(50_000)]
  release(first)
  expect(whole.length).toBe(100_000)
  release(last)
  expect(whole.length).toBe(0)
})

test('leaves the pool of small buffers alone, to its last byte', () => {
  const pool = new Uint8Array(Buffer.poolSize)
  release(pool.subarray(pool.length - 10))
  expect(pool.length).toBe(Buffer.poolSize)
  const small = Buffer.from('small')
  release(small)
  expect(small.toString()).toBe('small')
})

test('memory that cannot be freed at once is collected in the end, and code caches stay valid', () => {
  const source = '(function () { return 1 })()'
  const cachedData = new Script(source).createCachedData()
  const before = process.memoryUsage().arrayBuffers
  for (let count = 0; count < 2000; count += 1) release(new Uint8Array(100_000).subarray(0, 99_000))
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000)
  // with other options of V8 than before, this cache and those of Node's own modules would be refused
  // under another name, for V8 remembers what it has compiled
  expect(new Script(source, { cachedData, filename: 'again' }).cachedDataRejected).toBe(false)
})
