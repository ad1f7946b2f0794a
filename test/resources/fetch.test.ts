import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { hashOf, logOf, plainSettings, startFetcher, text } from './start.ts'

const url = 'http://server.example/file'

describe('sources', () => {
  const { fetcher, system } = startFetcher()

  test('without a source, or without a scheme, there are no bytes and nothing is checked', async () => {
    expect(await fetcher.toMemory({})).toHaveLength(0)
    expect(await fetcher.toMemory({ source: '/path', verification: { hash: hashOf('x') } })).toHaveLength(0)
  })

  test('data URLs, with compression and hash', async () => {
    expect(text(await fetcher.toMemory({ source: 'data:,a%20b' }))).toBe('a b')
    const source = `data:;base64,${gzipSync('zipped').toString('base64')}`
    const verification = { hash: hashOf('zipped', 'sha256') }
    expect(text(await fetcher.toMemory({ source, compression: 'gzip', verification }))).toBe('zipped')
    await expect(fetcher.toMemory({ source: 'data:,%zz' })).rejects.toMatchObject({
      code: 'FL_CONFIG_INVALID',
    })
  })

  test.each(['ftp://host/file', 'oem:///x'])('%s is refused by name', async (source) => {
    const failure = fetcher.toMemory({ source })
    await expect(failure).rejects.toMatchObject({ code: 'FL_UNSUPPORTED' })
    await expect(failure).rejects.toThrow(`"${source.split(':')[0]}"`)
  })

  test('offline only what needs no network is fetched, whatever the scheme', async () => {
    const offline = startFetcher({ offline: true })
    for (const source of [url, 's3://b/k', 'oem:///x'])
      await expect(offline.fetcher.toMemory({ source })).rejects.toMatchObject({ code: 'FL_NEEDS_NETWORK' })
    expect(text(await offline.fetcher.toMemory({ source: 'data:,x' }))).toBe('x')
    expect(offline.system.requests).toEqual([])
  })

  test('nothing of the above asked a server', () => {
    expect(system.requests).toEqual([])
  })
})

describe('verification', () => {
  test('a wrong hash is refused with both, after the bytes', async () => {
    const { fetcher } = startFetcher({ server: () => ({ body: 'content' }) })
    const hash = hashOf('other')
    const calculated = hashOf('content').slice(7)
    await expect(fetcher.toMemory({ source: url, verification: { hash } })).rejects.toMatchObject({
      code: 'FL_HASH_MISMATCH',
      message: `${url}: hash verification failed (calculated ${calculated} but expected ${hash.slice(7)})`,
    })
  })

  test('upper-case digits are the same hash', async () => {
    const { fetcher } = startFetcher({ server: () => ({ body: 'content' }) })
    const hash = `sha512-${hashOf('content').slice(7).toUpperCase()}`
    expect(text(await fetcher.toMemory({ source: url, verification: { hash } }))).toBe('content')
  })

  const zipped = gzipSync('hello')
  test.each([
    ['no gzip', Buffer.from('plain')],
    ['nothing', Buffer.alloc(0)],
    ['cut off', zipped.subarray(0, -2)],
    ['followed by text', Buffer.concat([zipped, Buffer.from('text')])],
    ['followed by zeros', Buffer.concat([zipped, Buffer.alloc(4)])],
  ])('gzip that is %s is refused', async (_name, body) => {
    const resource = { source: url, compression: 'gzip' }
    const { fetcher } = startFetcher({ server: () => ({ body }) })
    await expect(fetcher.toMemory(resource)).rejects.toMatchObject({ code: 'FL_DECOMPRESS' })
    const byByte = startFetcher({ server: () => ({ body: [...body].map((byte) => Buffer.of(byte)) }) })
    await expect(byByte.fetcher.toMemory(resource)).rejects.toMatchObject({ code: 'FL_DECOMPRESS' })
  })

  test('gzip members may follow one another', async () => {
    const { fetcher } = startFetcher({ server: () => ({ body: [zipped, gzipSync(' world')] }) })
    expect(text(await fetcher.toMemory({ source: url, compression: 'gzip' }))).toBe('hello world')
  })

  test('what the sink throws is thrown, compressed or not', async () => {
    const { fetcher } = startFetcher({
      server: ({ url: asked }) => ({ body: asked.endsWith('gz') ? zipped : 'plain' }),
    })
    const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' })
    const sink = () => {
      throw full
    }
    await expect(fetcher.toSink({ source: url }, sink)).rejects.toBe(full)
    await expect(fetcher.toSink({ source: `${url}.gz`, compression: 'gzip' }, sink)).rejects.toBe(full)
  })

  test('what cannot be verified is refused before a server is asked', async () => {
    const { fetcher, system } = startFetcher()
    await expect(fetcher.toMemory({ source: url, compression: 'xz' })).rejects.toThrow('"xz"')
    for (const hash of ['sha512-00', 'md5-0123', 'xyz'])
      await expect(fetcher.toMemory({ source: url, verification: { hash } })).rejects.toThrow(
        'verification hash',
      )
    expect(system.requests).toEqual([])
  })
})

describe('settings', () => {
  test('the reference defaults, then what a config says', async () => {
    const { fetcher, system } = startFetcher({ server: () => ({}) })
    await fetcher.toMemory({ source: url })
    const proxy = { httpProxy: new Secret('http://proxy:1'), noProxy: ['direct.example'] }
    await fetcher.configure({ ...plainSettings, timeouts: { httpResponseHeaders: 3 }, proxy })
    await fetcher.toMemory({ source: url })
    await fetcher.toMemory({ source: 'http://direct.example/' })
    const seen = system.requests.map(({ timeouts, proxy: used }) => [timeouts.responseHeadersSeconds, used])
    expect(seen).toEqual([
      [10, undefined],
      [3, 'http://proxy:1'],
      [3, undefined],
    ])
    expect(system.requests[0]?.timeouts).toMatchObject({ connectSeconds: 30, tlsHandshakeSeconds: 10 })
  })

  test('certificate authorities are fetched once with the trust so far, and stay when the next list is empty', async () => {
    const one = selfSigned({ name: 'One', address: '127.0.0.1' }).certificate
    const two = selfSigned({ name: 'Two', address: '127.0.0.1' }).certificate
    const { fetcher, system } = startFetcher({
      server: ({ url: asked }) => ({
        body: asked.endsWith('/two') ? `text before\n${one}\n${two}\ntext behind\n` : one,
      }),
    })
    const first = { source: 'http://h/one' }
    await fetcher.configure({ ...plainSettings, certificateAuthorities: [first] })
    await fetcher.configure({ ...plainSettings, certificateAuthorities: [first, { source: 'http://h/two' }] })
    await fetcher.configure(plainSettings)
    await fetcher.toMemory({ source: url })
    const trusted = system.requests.map((request) => [request.url, request.certificateAuthorities.length])
    expect(trusted).toEqual([
      ['http://h/one', 0],
      ['http://h/two', 1],
      [url, 3],
    ])
    expect(logOf(system).filter((line) => line.includes('Adding'))).toEqual(
      ['One', 'One', 'Two'].map((name) => `info Adding "${name}" to list of CAs`),
    )
  })

  test.each(['no certificate at all', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'a bundle of %j is refused',
    async (bundle) => {
      const { fetcher } = startFetcher({ server: () => ({ body: bundle }) })
      const settings = { ...plainSettings, certificateAuthorities: [{ source: 'http://h/ca' }] }
      await expect(fetcher.configure(settings)).rejects.toMatchObject({ code: 'FL_CONFIG_INVALID' })
    },
  )
})

test('a question: statuses may be answers, others may be asked again', async () => {
  const { fetcher, system } = startFetcher({
    server: (_request, attempt) => ({ status: attempt < 3 ? 410 : 404, body: 'no' }),
  })
  const answer = await fetcher.ask({
    url,
    method: 'PUT',
    headers: [{ name: 'x-ttl', value: '60' }],
    accept: [404],
    retry: [410],
    localPort: () => 7,
  })
  expect({ ...answer, body: text(answer.body) }).toEqual({ status: 404, body: 'no' })
  expect(system.requests).toHaveLength(3)
  expect(system.requests[0]).toMatchObject({ method: 'PUT', localPort: 7 })
  expect(system.requests[0]?.headers).toContainEqual(['X-Ttl', '60'])
})

test('messages are in the scope that a fetch is done for', async () => {
  const { fetcher, system } = startFetcher({ server: () => ({ body: 'x' }) })
  await fetcher.configure({ ...plainSettings, timeouts: { httpResponseHeaders: 3 } })
  await system
    .scoped('files')
    .operation('writing', async (inner) => fetcher.scoped(inner).toMemory({ source: url }))
  expect(logOf(system)).toContain(`info files: op(1): GET ${url}: attempt #1`)
  expect(system.requests[0]?.timeouts.responseHeadersSeconds).toBe(3)
})
