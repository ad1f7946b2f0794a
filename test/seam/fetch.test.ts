import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { Fetcher, FetchSettings } from '../../src/resources/settings.ts'
import { Secret } from '../../src/secret.ts'
import { type Identity, selfSigned } from '../helpers/certificate.ts'
import { realSystem } from '../helpers/real-system.ts'
import { listen, serve } from '../helpers/server.ts'

const settings: FetchSettings = { timeouts: {}, certificateAuthorities: [], proxy: { noProxy: [] } }

function start() {
  const { system, messages } = realSystem()
  return { fetcher: createFetcher({ system, offline: false }), messages }
}

async function hashing(fetcher: Fetcher, resource: Parameters<Fetcher['toSink']>[0]) {
  const hash = createHash('sha256')
  let length = 0
  await fetcher.toSink(resource, (chunk) => {
    hash.update(chunk)
    length += chunk.length
  })
  return { length, hash: `sha256-${hash.digest('hex')}` }
}

const large = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, index) => (index * index) >> 7))
const largeHash = `sha256-${createHash('sha256').update(large).digest('hex')}`

test('a large file, plain and compressed, from a server and by hash', async () => {
  const origin = await serve(
    ({ url }, response) => void response.end(url === '/gz' ? gzipSync(large) : large),
  )
  const { fetcher } = start()
  const verification = { hash: largeHash }
  const expected = { length: large.length, hash: largeHash }
  expect(await hashing(fetcher, { source: `${origin}/plain`, verification })).toEqual(expected)
  expect(await hashing(fetcher, { source: `${origin}/gz`, compression: 'gzip', verification })).toEqual(
    expected,
  )
})

test('a body that breaks again and again arrives whole, with and without a hash', async () => {
  const origin = await serve((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const rest = large.subarray(from)
    const isPart = request.headers.range !== undefined
    response.writeHead(isPart ? 206 : 200, {
      'Content-Length': rest.length,
      ...(isPart ? { 'Content-Range': `bytes ${from}-${large.length - 1}/${large.length}` } : {}),
    })
    attempts += 1
    if (attempts % 4 === 0) response.end(rest)
    else response.write(rest.subarray(0, attempts * 700_000), () => setImmediate(() => response.destroy()))
  })
  let attempts = 0
  const { fetcher, messages } = start()
  const expected = { length: large.length, hash: largeHash }
  expect(await hashing(fetcher, { source: origin, verification: { hash: largeHash } })).toEqual(expected)
  expect(await hashing(fetcher, { source: origin })).toEqual(expected)
  expect(messages.filter(({ message }) => message.startsWith('GET error: '))).toHaveLength(6)
})

test('a server that comes late is waited for', async () => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  const { fetcher, messages } = start()
  const fetching = fetcher.toMemory({ source: `http://127.0.0.1:${port}/` })
  const late = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate'))
  })
  onTestFinished(() => void late.close())
  await new Promise((resolve) => setTimeout(resolve, 300))
  late.listen(port, '127.0.0.1')
  expect(Buffer.from(await fetching).toString()).toBe('late')
  expect(
    messages.some(({ message }) => message.startsWith('GET error: connection refused (connect ECONNREFUSED')),
  ).toBe(true)
})

test('a server that is silent at first is asked again', async () => {
  let asked = 0
  const origin = await serve((_request, response) => {
    asked += 1
    if (asked > 1) response.end('awake')
  })
  const { fetcher, messages } = start()
  await fetcher.configure({ ...settings, timeouts: { httpResponseHeaders: 1 } })
  expect(Buffer.from(await fetcher.toMemory({ source: origin })).toString()).toBe('awake')
  expect(messages.map(({ message }) => message)).toContain('GET error: no response within 1 s')
})

test('a server that stays silent is given up when the total time is over', async () => {
  const { fetcher } = start()
  const origin = await serve(() => undefined)
  await fetcher.configure({ ...settings, timeouts: { httpTotal: 1 } })
  await expect(fetcher.toMemory({ source: origin })).rejects.toMatchObject({ code: 'FL_FETCH_TIMEOUT' })
})

test('a body that stalls is ended by the total time', async () => {
  const { fetcher } = start()
  const origin = await serve((_request, response) => void response.write('some'))
  await fetcher.configure({ ...settings, timeouts: { httpTotal: 1 } })
  await expect(fetcher.toMemory({ source: origin })).rejects.toMatchObject({ code: 'FL_FETCH_TIMEOUT' })
})

test('what is no HTTP is told and asked again', async () => {
  let asked = 0
  const server = createServer((socket) => {
    asked += 1
    const answer = asked > 2 ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' : 'SSH-2.0-OpenSSH\r\n'
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  })
  onTestFinished(() => void server.close())
  const { fetcher, messages } = start()
  const bytes = await fetcher.toMemory({ source: `http://127.0.0.1:${await listen(server)}/` })
  expect(Buffer.from(bytes).toString()).toBe('ok')
  expect(messages.filter(({ message }) => /^GET error: .*HTTP/.test(message))).toHaveLength(2)
})

test('an authority from the config makes a server trusted that was not', async () => {
  const identity = selfSigned({ name: 'localhost', address: '127.0.0.1' })
  const origin = await serve((_request, response) => void response.end('trusted'), identity)
  const { fetcher, messages } = start()
  await fetcher.configure({ ...settings, timeouts: { httpTotal: 2 } })
  const refused = expect(fetcher.toMemory({ source: origin })).rejects.toMatchObject({
    code: 'FL_FETCH_TIMEOUT',
  })
  const isTold = () =>
    messages.some(({ message }) =>
      message.startsWith(
        'GET error: TLS: nobody trusted has signed the certificate (self-signed certificate',
      ),
    )
  await expect.poll(isTold, { timeout: 20_000 }).toBe(true)
  await refused
  const bundle = `data:;base64,${Buffer.from(identity.certificate).toString('base64')}`
  await fetcher.configure({ ...settings, certificateAuthorities: [{ source: bundle }] })
  expect(Buffer.from(await fetcher.toMemory({ source: origin })).toString()).toBe('trusted')
  expect(messages).toContainEqual({ level: 'info', message: 'Adding "localhost" to list of CAs' })
})

test('a bundle of authorities comes from a server, packed, and each of them is trusted', async () => {
  const [one, two, stranger] = ['one', 'two', 'stranger'].map((name) =>
    selfSigned({ name, address: '127.0.0.1' }),
  ) as [Identity, Identity, Identity]
  const bundle = Buffer.from(`# ours\n${one.certificate}\n# theirs\n${two.certificate}`)
  const asked: (string | undefined)[] = []
  const bundles = await serve((request, response) => {
    asked.push(request.headers['x-auth'] as string | undefined)
    response.end(gzipSync(bundle))
  })
  const [first, second, third] = await Promise.all(
    [one, two, stranger].map(async (identity) =>
      serve((_request, response) => void response.end('trusted'), identity),
    ),
  )
  const { fetcher } = start()
  const authority = {
    source: bundles,
    compression: 'gzip',
    httpHeaders: [{ name: 'X-Auth', value: 'made-up' }],
    verification: { hash: `sha256-${createHash('sha256').update(bundle).digest('hex')}` },
  }
  const trusting = { ...settings, timeouts: { httpTotal: 5 }, certificateAuthorities: [authority] }
  await fetcher.configure(trusting)
  await fetcher.configure(trusting)
  expect(asked).toEqual(['made-up'])
  for (const origin of [first, second])
    expect(Buffer.from(await fetcher.toMemory({ source: origin ?? '' })).toString()).toBe('trusted')
  await fetcher.configure({ ...settings, timeouts: { httpTotal: 1 } })
  await expect(fetcher.toMemory({ source: third ?? '' })).rejects.toMatchObject({
    code: 'FL_FETCH_TIMEOUT',
    message: expect.stringContaining('nobody trusted has signed the certificate'),
  })
})

test('headers of the config reach the first server only', async () => {
  const seen: Record<string, string[]> = {}
  const origin = await serve((request, response) => {
    seen[request.url ?? ''] = request.rawHeaders
    if (request.url === '/first') response.writeHead(302, { Location: '/second' })
    response.end('arrived')
  })
  const { fetcher } = start()
  const httpHeaders = [
    { name: 'X-Auth', value: 'r8ewap98gfh4d8' },
    { name: 'Keep-Alive', value: '300' },
  ]
  const bytes = await fetcher.toMemory({ source: `${origin}/first`, httpHeaders })
  expect(Buffer.from(bytes).toString()).toBe('arrived')
  expect(seen['/first']).toEqual(expect.arrayContaining(['X-Auth', 'r8ewap98gfh4d8', 'Keep-Alive', '300']))
  expect(seen['/second']).not.toEqual(expect.arrayContaining(['X-Auth']))
  expect(seen['/second']).not.toEqual(expect.arrayContaining(['Keep-Alive']))
})

test('many fetches at once', async () => {
  const origin = await serve(({ url }, response) => void response.end(`body of ${url}`))
  const { fetcher } = start()
  const names = Array.from({ length: 50 }, (_, index) => `/file-${index}`)
  const bodies = await Promise.all(names.map(async (name) => fetcher.toMemory({ source: origin + name })))
  expect(bodies.map((body) => Buffer.from(body).toString())).toEqual(names.map((name) => `body of ${name}`))
})

test('the proxy of the config is used, but not for this machine', async () => {
  const proxy = await serve(({ url }, response) => void response.end(`proxied ${url}`))
  const direct = await serve((_request, response) => void response.end('direct'))
  const { fetcher } = start()
  await fetcher.configure({ ...settings, proxy: { httpProxy: new Secret(proxy), noProxy: [] } })
  const get = async (source: string) => Buffer.from(await fetcher.toMemory({ source })).toString()
  expect(await get('http://server.example/x')).toBe('proxied http://server.example/x')
  expect(await get(`${direct}/x`)).toBe('direct')
})
