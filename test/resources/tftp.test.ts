import { describe, expect, test } from 'vitest'
import type { Datagram } from '../../src/system/network.ts'
import { hashOf, startFetcher, text } from './start.ts'

const source = 'tftp://server.example/pxe/a%20b?query'

const data = (block: number, content: string | Uint8Array, port = 4000): Datagram => ({
  data: Buffer.concat([Buffer.of(0, 3, block >> 8, block & 0xff), Buffer.from(content)]),
  port,
})

/** A server of one file, in the words of RFC 1350; answers from port 4000. */
function serverOf(content: Uint8Array, requests: Datagram[] = []) {
  return (sent: Datagram) => {
    requests.push(sent)
    const bytes = Buffer.from(sent.data)
    const acknowledged = bytes.readUInt16BE(0) === 4 ? bytes.readUInt16BE(2) : 0
    const past = requests.filter((one) => Buffer.from(one.data).equals(bytes)).length - 1
    const block = past * 0x10000 + acknowledged
    if (block * 512 > content.length) return []
    return [data((block + 1) % 0x10000, content.subarray(block * 512, (block + 1) * 512))]
  }
}

describe('TFTP', () => {
  test('asks for the decoded path, in binary, at port 69, and acknowledges each block to the port that answers', async () => {
    const requests: Datagram[] = []
    const content = Buffer.alloc(1100, 'x')
    const { fetcher } = startFetcher({ udp: serverOf(content, requests) })
    const bytes = await fetcher.toMemory({ source, verification: { hash: hashOf(content.toString()) } })
    expect(Buffer.compare(bytes, content)).toBe(0)
    expect(requests.map(({ data: sent, port }) => [Buffer.from(sent).toString('latin1'), port])).toEqual([
      ['\0\u0001/pxe/a b\0octet\0', 69],
      ['\0\u0004\0\u0001', 4000],
      ['\0\u0004\0\u0002', 4000],
      ['\0\u0004\0\u0003', 4000],
    ])
  })

  test.each([0, 511, 512, 1024])('a file of %i bytes ends where it should', async (length) => {
    const { fetcher } = startFetcher({ udp: serverOf(Buffer.alloc(length, 'y')) })
    expect(await fetcher.toMemory({ source })).toHaveLength(length)
  })

  test('block numbers start over after 65535', async () => {
    const content = Buffer.alloc(512 * 65_537 + 3, 'z')
    const seen = new Set<number>()
    let last = 0
    const { fetcher } = startFetcher({
      udp({ data: sent }) {
        const bytes = Buffer.from(sent)
        last = bytes.readUInt16BE(0) === 1 ? 0 : last + 1
        seen.add(bytes.readUInt16BE(2))
        if (last * 512 > content.length) return []
        return [data((last + 1) % 0x10000, content.subarray(last * 512, (last + 1) * 512))]
      },
    })
    let length = 0
    await fetcher.toSink({ source }, (chunk) => {
      length += chunk.length
    })
    expect(length).toBe(content.length)
    expect(seen.has(0)).toBe(true)
  })

  test('an error of the server is told at once', async () => {
    const answer = { data: Buffer.from('\0\u0005\0\u0001File not found\0', 'latin1'), port: 4000 }
    const { fetcher, system } = startFetcher({ udp: () => [answer] })
    await expect(fetcher.toMemory({ source })).rejects.toMatchObject({
      code: 'FL_FETCH',
      message: `${source}: code: 1, message: File not found`,
    })
    expect(system.monotonic()).toBe(0)
  })

  test('a lost packet is repeated, five times at most', async () => {
    let sent = 0
    const { fetcher } = startFetcher({
      udp: () => {
        sent += 1
        return sent < 6 ? [] : [data(1, 'late')]
      },
    })
    expect(text(await fetcher.toMemory({ source }))).toBe('late')
    const silent = startFetcher()
    await expect(silent.fetcher.toMemory({ source })).rejects.toMatchObject({ code: 'FL_FETCH_TIMEOUT' })
    expect(silent.system.monotonic()).toBe(30_000)
  })

  test('blocks that come twice, strangers and scraps are passed over', async () => {
    const full = Buffer.alloc(512, 'a')
    const { fetcher } = startFetcher({
      udp: ({ data: sent }) =>
        sent[1] === 1
          ? [{ data: Buffer.of(0), port: 4000 }, data(1, full), data(1, full)]
          : [data(1, full), data(2, 'stranger', 4001), data(2, 'end')],
    })
    expect(text(await fetcher.toMemory({ source }))).toBe(`${full.toString()}end`)
  })

  test('a URL without a server is refused', async () => {
    await expect(startFetcher().fetcher.toMemory({ source: 'tftp:///x' })).rejects.toMatchObject({
      code: 'FL_FETCH',
    })
  })
})
