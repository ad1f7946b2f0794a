import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

/** Size of the large file; a GiB. */
export const contentsBytes = 2 ** 30

/** Milliseconds that a distant server takes to answer. */
const distanceMilliseconds = 50

/** One chunk is sent again and again: as hard to hash as any, and no time goes into making it. */
const chunkBytes = 2 ** 20

export interface BenchServer {
  readonly origin: string
  /** Of the large file, decompressed. */
  readonly sha512: string
  close(): void
}

/** A loopback server: `/slow/*` answers late, `/plain` and `/gzip` are the large file. */
export async function startBenchServer(small: string): Promise<BenchServer> {
  const plain = Buffer.alloc(chunkBytes, small)
  // members of gzip data may follow one another
  const member = gzipSync(plain, { level: 1 })
  const server = createServer((request, response) => {
    if (request.url === '/plain') void send(response, plain)
    else if (request.url === '/gzip') void send(response, member)
    else setTimeout(() => response.end(small), distanceMilliseconds)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port on loopback')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    sha512: hashOf(plain),
    close: () => void server.close(),
  }
}

async function send(response: ServerResponse, chunk: Buffer): Promise<void> {
  for (let sent = 0; sent < contentsBytes; sent += chunkBytes)
    if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve))
  response.end()
}

function hashOf(chunk: Buffer): string {
  const hash = createHash('sha512')
  for (let hashed = 0; hashed < contentsBytes; hashed += chunkBytes) hash.update(chunk)
  return hash.digest('hex')
}
