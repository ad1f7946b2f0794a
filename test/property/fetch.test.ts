import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { test } from 'vitest'
import { parseAddress, parseRange } from '../../src/resources/address.ts'
import { hashOf, startFetcher } from '../resources/start.ts'

const url = 'http://server.example/file'

/** How a server hands out a body: where it breaks off, one place for each attempt, and how large its chunks are. */
const delivery = fc.record({
  content: fc.uint8Array({ maxLength: 2000 }),
  breaks: fc.array(fc.nat(2500), { maxLength: 5 }),
  chunk: fc.integer({ min: 1, max: 700 }),
  compressed: fc.boolean(),
  proven: fc.boolean(),
  knowsRanges: fc.boolean(),
})

test('however often a body breaks, what arrives is the content', async () => {
  await fc.assert(
    fc.asyncProperty(delivery, async ({ content, breaks, chunk, compressed, proven, knowsRanges }) => {
      const raw = compressed ? gzipSync(content) : Buffer.from(content)
      const { fetcher } = startFetcher({
        server({ headers }, attempt) {
          const range = headers.find(([name]) => name === 'Range')?.[1]
          const from = knowsRanges && range !== undefined ? Number(/\d+/.exec(range)?.[0]) : 0
          const until = breaks[attempt - 1]
          const sent = raw.subarray(from, until === undefined ? undefined : Math.max(from, until))
          const chunks = Array.from({ length: Math.ceil(sent.length / chunk) }, (_, index) =>
            sent.subarray(index * chunk, (index + 1) * chunk),
          )
          const body = until === undefined ? chunks : [...chunks, new Error('cut')]
          if (!knowsRanges || range === undefined) return { body }
          return {
            status: 206,
            headers: { 'content-range': `bytes ${from}-${raw.length - 1}/${raw.length}` },
            body,
          }
        },
      })
      const arrived = await fetcher.toMemory({
        source: url,
        ...(compressed ? { compression: 'gzip' } : {}),
        ...(proven ? { verification: { hash: hashOf(content) } } : {}),
      })
      return Buffer.compare(arrived, content) === 0
    }),
  )
})

test('an address is in its own range of any length, and in no range that differs within it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), fc.nat(127), (text, length, bit) => {
      const address = parseAddress(text)
      if (address === undefined) return false
      const isInRange = parseRange(`${text}/${length}`)
      const [bits, offset] = text.includes(':') ? [128, 0] : [32, 96]
      if (length > bits) return isInRange === undefined
      if (isInRange?.(address) !== true) return false
      const flipped = address ^ (1n << BigInt(127 - offset - (bit % bits)))
      return isInRange(flipped) === bit % bits >= length
    }),
  )
})
