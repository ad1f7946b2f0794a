import { connect as connectTo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { selfSigned } from '../helpers/certificate.ts'
import { plainRequest, realSystem, textOf } from '../helpers/real-system.ts'
import { listen, serve } from '../helpers/server.ts'

const echo = (): Promise<string> =>
  serve(({ method, url, rawHeaders }, response) => response.end(JSON.stringify({ method, url, rawHeaders })))

const { system } = realSystem()

async function echoed(url: string, rest: Parameters<typeof plainRequest>[1] = {}) {
  const { body } = await system.request(plainRequest(url, rest))
  const seen = JSON.parse(await textOf(body)) as { method: string; url: string; rawHeaders: string[] }
  const pairs = seen.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, seen.rawHeaders[index + 1] ?? ''] as const] : [],
  )
  return { ...seen, pairs }
}

test('sends the path as written and the headers as given', async () => {
  const origin = await echo()
  const headers = [
    ['User-Agent', 'Ignition/2.26.0'],
    ['X-Twice', 'a'],
    ['X-Twice', 'b'],
    ['Keep-Alive', 'timeout=300'],
  ] as const
  const { url, pairs } = await echoed(`${origin}/a/../b/%7e?q=%20#f`, { headers })
  expect(url).toBe('/a/../b/%7e?q=%20')
  expect(pairs.filter(([name]) => !/^(host|connection)$/i.test(name))).toEqual([
    ['User-Agent', 'Ignition/2.26.0'],
    ['X-Twice', 'a'],
    ['X-Twice', 'b'],
    ['Keep-Alive', 'timeout=300'],
  ])
  expect(pairs.find(([name]) => name.toLowerCase() === 'host')?.[1]).toBe(origin.replace('http://', ''))
})

test('a header of one request is not sent with the next', async () => {
  const origin = await echo()
  await echoed(origin, { headers: [['Keep-Alive', 'x']] })
  expect((await echoed(origin)).pairs.map(([name]) => name)).not.toContain('Keep-Alive')
})

test('answers with status, headers and undecoded body', async () => {
  const origin = await serve((_request, response) => {
    response.writeHead(418, { 'Content-Encoding': 'gzip', 'X-Many': ['1', '2'], Location: '/elsewhere' })
    response.end('not gzip at all')
  })
  const answer = await system.request(plainRequest(origin))
  expect(answer.status).toBe(418)
  expect(answer.headers).toMatchObject({
    'content-encoding': 'gzip',
    'x-many': '1, 2',
    location: '/elsewhere',
  })
  expect(await textOf(answer.body)).toBe('not gzip at all')
})

test('sends a body', async () => {
  const origin = await serve((request, response) => void request.pipe(response))
  const body = Buffer.alloc(200_000, 'x')
  const answer = await system.request(plainRequest(origin, { method: 'POST', body }))
  expect(await textOf(answer.body)).toBe(body.toString())
})

test('gives up on headers that do not come, and on nothing else', async () => {
  const origin = await serve(() => undefined)
  const timeouts = { connectSeconds: 5, tlsHandshakeSeconds: 5, responseHeadersSeconds: 1 }
  await expect(system.request(plainRequest(origin, { timeouts }))).rejects.toThrow('no response within 1 s')
})

test('a body that is cut off is an error', async () => {
  const origin = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half', () => response.destroy())
  })
  const answer = await system.request(plainRequest(origin))
  await expect(textOf(answer.body)).rejects.toThrow('the server closed the connection')
})

test('a signal ends a request and a body', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/body') response.write('first')
  })
  const early = AbortSignal.abort(new Error('too late'))
  await expect(system.request(plainRequest(origin, { signal: early }))).rejects.toThrow('too late')
  const during = new AbortController()
  const pending = system.request(plainRequest(origin, { signal: during.signal }))
  during.abort(new Error('changed my mind'))
  await expect(pending).rejects.toThrow('changed my mind')
  const later = new AbortController()
  const { body } = await system.request(plainRequest(`${origin}/body`, { signal: later.signal }))
  later.abort(new Error('enough'))
  await expect(textOf(body)).rejects.toThrow('enough')
})

test('refused connections are errors with a code', async () => {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await expect(system.request(plainRequest(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
})

test('a TLS handshake that does not come to an end is given up', async () => {
  const server = createServer((socket) => void socket.on('error', () => undefined))
  onTestFinished(() => void server.close())
  const port = await listen(server)
  const timeouts = { connectSeconds: 5, tlsHandshakeSeconds: 0.2, responseHeadersSeconds: 5 }
  await expect(system.request(plainRequest(`https://127.0.0.1:${port}/`, { timeouts }))).rejects.toThrow(
    'the TLS handshake with 127.0.0.1 took longer than 0.2 s',
  )
})

test('trusts a certificate only when it is given, and only for its names', async () => {
  const identity = selfSigned({ name: 'localhost', address: '127.0.0.1' })
  const other = selfSigned({ name: 'other', address: '127.0.0.9' })
  const origin = await serve((_request, response) => response.end('secret'), identity)
  const wrong = await serve((_request, response) => response.end('secret'), other)
  const certificateAuthorities = [identity.certificate, other.certificate]
  const answer = await system.request(plainRequest(origin, { certificateAuthorities }))
  expect(await textOf(answer.body)).toBe('secret')
  await expect(system.request(plainRequest(origin))).rejects.toThrow(/self-signed/)
  await expect(system.request(plainRequest(wrong, { certificateAuthorities }))).rejects.toThrow(
    /127\.0\.0\.1/,
  )
  const byName = origin.replace('127.0.0.1', 'localhost')
  expect((await system.request(plainRequest(byName, { certificateAuthorities }))).status).toBe(200)
})

test('a common name alone proves nothing', async () => {
  const identity = selfSigned({ name: 'localhost' })
  const origin = await serve((_request, response) => void response.end('secret'), identity)
  const url = origin.replace('127.0.0.1', 'localhost')
  const request = plainRequest(url, { certificateAuthorities: [identity.certificate] })
  await expect(system.request(request)).rejects.toThrow(
    'the certificate of localhost has no subject alternative name',
  )
})

test('an http request goes to the proxy with its whole URL', async () => {
  const proxy = (await echo()).replace('http://', 'http://user:p%40ss@')
  const { url, pairs } = await echoed('http://example.invalid:81/x?y', {
    proxy,
    headers: [['Accept', '*/*']],
  })
  expect(url).toBe('http://example.invalid:81/x?y')
  expect(pairs).toContainEqual([
    'Proxy-Authorization',
    `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  ])
  expect(pairs.find(([name]) => name.toLowerCase() === 'host')?.[1]).toBe('example.invalid:81')
})

test('an https request goes through the proxy', async () => {
  const identity = selfSigned({ name: 'example.invalid', address: '127.0.0.1' })
  const origin = await serve((_request, response) => response.end('through'), identity)
  const asked: string[] = []
  const proxy = createServer((client) => {
    client.once('data', (request) => {
      asked.push(request.toString())
      const upstream = connectTo(Number(new URL(origin).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.pipe(upstream).pipe(client)
      })
    })
  })
  onTestFinished(() => void proxy.close())
  const port = await listen(proxy)
  const answer = await system.request(
    plainRequest('https://example.invalid/x', {
      proxy: `http://user:word@127.0.0.1:${port}`,
      certificateAuthorities: [identity.certificate],
      headers: [['Connection', 'close']],
    }),
  )
  expect(await textOf(answer.body)).toBe('through')
  expect(asked[0]).toMatch(/^CONNECT example\.invalid:443 HTTP\/1\.1\r\n/)
  expect(asked[0]).toContain(`Proxy-Authorization: Basic ${Buffer.from('user:word').toString('base64')}\r\n`)
})

test('a proxy that refuses is an error of the transport', async () => {
  const proxy = await serve((_request, response) => response.end())
  const request = plainRequest('https://example.invalid/', { proxy })
  await expect(system.request(request)).rejects.toThrow(
    /CONNECT example\.invalid:443|socket hang up|ECONNRESET/,
  )
})

test('a body that nobody wants can be given up, before and after the first chunk', async () => {
  const closed: string[] = []
  const origin = await serve((request, response) => {
    response.on('close', () => closed.push(request.url ?? ''))
    response.write('endless')
  })
  for (const path of ['/before', '/after']) {
    const { body } = await system.request(plainRequest(origin + path))
    const chunks = body[Symbol.asyncIterator]()
    if (path === '/after') await chunks.next()
    await chunks.return?.()
  }
  await expect.poll(() => closed.toSorted()).toEqual(['/after', '/before'])
})

test('values are sent as UTF-8', async () => {
  const { pairs } = await echoed(await echo(), { headers: [['X-Name', 'grün']] })
  expect(Buffer.from(pairs.find(([name]) => name === 'X-Name')?.[1] ?? '', 'latin1').toString()).toBe('grün')
})

test('the end of a body without a length is where the connection ends, and headers may be long', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\nbody`))
  })
  onTestFinished(() => void server.close())
  const { headers, body } = await system.request(plainRequest(`http://127.0.0.1:${await listen(server)}/`))
  expect(headers['x-long']).toHaveLength(100_000)
  expect(await textOf(body)).toBe('body')
})

test('a proxy may speak TLS itself', async () => {
  const identity = selfSigned({ name: 'proxy.example', address: '127.0.0.1' })
  const proxy = await serve(({ url }, response) => void response.end(`through TLS: ${url}`), identity)
  const certificateAuthorities = [identity.certificate]
  const { body } = await system.request(
    plainRequest('http://server.example/x', { proxy, certificateAuthorities }),
  )
  expect(await textOf(body)).toBe('through TLS: http://server.example/x')
})
