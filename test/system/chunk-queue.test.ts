import { expect, test } from 'vitest'
import { createChunkQueue } from '../../src/system/chunk-queue.ts'

const text = async (chunks: AsyncIterable<Uint8Array>) => {
  let all = ''
  for await (const chunk of chunks) all += Buffer.from(chunk).toString()
  return all
}

test('hands on what was there before the reader and what comes later', async () => {
  const queue = createChunkQueue(() => undefined)
  queue.add(Buffer.from('a'))
  queue.add(Buffer.from('b'))
  expect(queue.length).toBe(2)
  const reading = text(queue.readWith(() => undefined))
  await Promise.resolve()
  queue.add(Buffer.from('c'))
  queue.end()
  queue.add(Buffer.from('too late'))
  expect(await reading).toBe('abc')
  expect(queue.length).toBe(0)
})

test('an error comes after the chunks before it, and only the first end counts', async () => {
  const queue = createChunkQueue(() => undefined)
  queue.add(Buffer.from('a'))
  queue.end({ cause: new Error('cut off') })
  queue.end()
  const chunks = queue.readWith(() => undefined)[Symbol.asyncIterator]()
  expect((await chunks.next()).value).toEqual(Buffer.from('a'))
  await expect(chunks.next()).rejects.toThrow('cut off')
})

test('asks for more when it is empty, also when more comes at once', async () => {
  let left = 3
  const queue = createChunkQueue(() => {
    left -= 1
    if (left > 0) queue.add(Buffer.from(String(left)))
    else queue.end()
  })
  expect(await text(queue.readWith(() => undefined))).toBe('21')
})

test('a reader that wants no more drops what is there', async () => {
  let isCancelled = false
  const queue = createChunkQueue(() => undefined)
  queue.add(Buffer.from('a'))
  const chunks = queue
    .readWith(() => {
      isCancelled = true
    })
    [Symbol.asyncIterator]()
  await chunks.return?.()
  expect([isCancelled, queue.length]).toEqual([true, 0])
})
