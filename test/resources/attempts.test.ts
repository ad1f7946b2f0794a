import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hashOf, logOf, plainSettings, startFetcher, text } from './start.ts'

const url = 'http://server.example/file'

describe('attempts', () => {
  test('pauses double from 200 ms to 5 s, and a person is told after 5 s', async () => {
    const { fetcher, system, pauses } = startFetcher({
      server: (_request, attempt) => (attempt > 8 ? { body: 'at last' } : new Error('connect ECONNREFUSED')),
    })
    expect(text(await fetcher.toMemory({ source: url }))).toBe('at last')
    expect(pauses()).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    const log = logOf(system)
    expect(log.slice(0, 3)).toEqual([
      `info GET ${url}: attempt #1`,
      'info GET error: connect ECONNREFUSED',
      `info GET ${url}: attempt #2`,
    ])
    expect(log.filter((line) => line.startsWith('notice'))).toEqual(
      [5, 10, 20].map(
        (s) => `notice GET ${url}: no answer for ${s} s and still trying: connect ECONNREFUSED`,
      ),
    )
    expect(log.slice(-2)).toEqual([`info GET ${url}: attempt #9`, 'info GET result: OK'])
  })

  test.each([500, 503, 599, 408, 425, 429])('status %i is tried again', async (status) => {
    const { fetcher, system } = startFetcher({
      server: (_request, attempt) => (attempt > 2 ? { body: 'x' } : { status }),
    })
    await fetcher.toMemory({ source: url })
    expect(system.requests).toHaveLength(3)
  })

  test.each([
    [404, 'resource not found: the server answered 404 Not Found'],
    [403, 'failed to fetch resource: the server answered 403 Forbidden'],
    [201, 'failed to fetch resource: the server answered 201 Created'],
    [206, 'failed to fetch resource: the server answered 206 Partial Content'],
    [304, 'failed to fetch resource: the server answered 304 Not Modified'],
    [302, 'failed to fetch resource: the server answered 302 Found'],
  ])('status %i fails at once', async (status, words) => {
    const { fetcher, system } = startFetcher({ server: () => ({ status }) })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({
      code: 'FL_FETCH',
      message: `GET ${url}: ${words}`,
    })
    expect(system.requests).toHaveLength(1)
  })

  test('204 is no bytes', async () => {
    const { fetcher } = startFetcher({ server: () => ({ status: 204 }) })
    expect(await fetcher.toMemory({ source: url })).toHaveLength(0)
  })

  test('Retry-After is honoured, in seconds and as a date', async () => {
    const { fetcher, pauses } = startFetcher({
      start: new Date('2026-01-01T00:00:00Z'),
      server(_request, attempt) {
        if (attempt === 1) return { status: 429, headers: { 'retry-after': '7' } }
        if (attempt === 2) return { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:17 GMT' } }
        return { body: 'x' }
      },
    })
    await fetcher.toMemory({ source: url })
    expect(pauses()).toEqual([7000, 10_000])
  })

  test.each([
    ['which is over', 'Wed, 31 Dec 2025 00:00:00 GMT', 200],
    ['which is no time', 'soon', 200],
    ['below nothing', '-5', 200],
    ['longer than anybody waits', '99999999999999999999', 300_000],
    [
      'by the clock of the server, on a machine that boots in the past',
      'Fri, 01 Jan 2027 00:00:09 GMT',
      9000,
    ],
  ])('Retry-After %s', async (_name, value, milliseconds) => {
    const { fetcher, pauses } = startFetcher({
      start: new Date('2026-01-01T00:00:00Z'),
      server: (_request, attempt) =>
        attempt === 1
          ? { status: 429, headers: { 'retry-after': value, date: 'Fri, 01 Jan 2027 00:00:00 GMT' } }
          : { body: 'x' },
    })
    await fetcher.toMemory({ source: url })
    expect(pauses()).toEqual([milliseconds])
  })

  test('chance takes up to half off a pause, and puts up to one on what a server asks for', async () => {
    const pausesWith = async (bytes: readonly number[], headers = {}) => {
      const { fetcher, pauses } = startFetcher({
        random: () => Uint8Array.from(bytes),
        server: (_request, attempt) => (attempt > 7 ? { body: 'x' } : { status: 503, headers }),
      })
      await fetcher.toMemory({ source: url })
      return pauses()
    }
    expect(await pausesWith([0, 0])).toEqual([200, 400, 800, 1600, 3200, 5000, 5000])
    expect(await pausesWith([128, 0])).toEqual([150, 300, 600, 1200, 2400, 3750, 3750])
    expect(await pausesWith([255, 255])).toEqual([100, 200, 400, 800, 1600, 2500, 2500])
    const asked = { 'retry-after': '60' }
    expect(await pausesWith([0, 0], asked)).toEqual(Array<number>(7).fill(60_000))
    expect(await pausesWith([128, 0], asked)).toEqual([
      60_100, 60_200, 60_400, 60_800, 61_600, 62_500, 62_500,
    ])
  })

  test('the total time ends it, and the last cause is told', async () => {
    const { fetcher } = startFetcher({ server: () => new Error('no route to host') })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 3 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({
      code: 'FL_FETCH_TIMEOUT',
      message: `GET ${url}: unable to fetch resource in time (3 s); the last attempt failed: no route to host`,
    })
  })

  test('the total time ends a request that hangs', async () => {
    const { fetcher } = startFetcher({ server: () => 'hang' })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 3 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({
      code: 'FL_FETCH_TIMEOUT',
      message: `GET ${url}: unable to fetch resource in time (3 s); the server was silent`,
    })
  })

  test('a person is told while the wait lasts, whatever it is for, more and more seldom', async () => {
    const { fetcher, system } = startFetcher({
      server: (_request, attempt) =>
        attempt === 1 ? { status: 503, headers: { 'retry-after': '150' } } : 'hang',
    })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 200 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({ code: 'FL_FETCH_TIMEOUT' })
    const why = 'status 503 Service Unavailable; to be asked again in 150 s'
    expect(logOf(system).filter((line) => line.startsWith('notice'))).toEqual(
      [5, 10, 20, 40, 80, 160].map((s) => `notice GET ${url}: no answer for ${s} s and still trying: ${why}`),
    )
  })

  test.each([
    ['at all', 'hang' as const, 'no answer'],
    ['after its first bytes', { body: ['first', 'hang' as const] }, 'the rest of the answer does not come'],
  ])('a server that says nothing %s', async (_name, answer, silence) => {
    const { fetcher, system } = startFetcher({ server: () => answer })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 9 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({ code: 'FL_FETCH_TIMEOUT' })
    expect(logOf(system)).toContain(
      `notice GET ${url}: ${silence} for 5 s and still trying: the server is silent`,
    )
  })

  test('a certificate that is not valid at this time is told with the time', async () => {
    const error = Object.assign(new Error('certificate is not yet valid'), { code: 'CERT_NOT_YET_VALID' })
    const { fetcher } = startFetcher({ start: new Date('1970-01-01T00:00:09Z'), server: () => error })
    await fetcher.configure({ ...plainSettings, timeouts: { httpTotal: 1 } })
    await expect(fetcher.toMemory({ source: url })).rejects.toThrow(
      'TLS: the certificate is not valid yet (certificate is not yet valid); the clock of this machine says 1970-01-01T00:00:09',
    )
  })

  test('passwords and signatures are in no message', async () => {
    const { fetcher, system } = startFetcher({ server: () => ({ status: 403 }) })
    const source = 'https://user:hunter2@h/x?sig=topsecret'
    const failed = await fetcher.toMemory({ source }).catch((error: Error) => error.message)
    expect(failed).toContain('https://h/x')
    expect(`${failed.toString()} ${logOf(system).join(' ')}`).not.toMatch(/hunter2|topsecret/)
  })
})

describe('broken bodies', () => {
  const content = 'first second third'
  const reset = new Error('reset')

  test('with a hash, the second attempt asks for the rest', async () => {
    const { fetcher, system } = startFetcher({
      server({ headers }) {
        if (!headers.some(([name]) => name === 'Range')) return { body: ['first ', reset] }
        return { status: 206, headers: { 'content-range': 'bytes 6-17/18' }, body: content.slice(6) }
      },
    })
    const verification = { hash: hashOf(content) }
    expect(text(await fetcher.toMemory({ source: url, verification }))).toBe(content)
    const ranges = system.requests.map(({ headers }) => headers.find(([name]) => name === 'Range')?.[1])
    expect(ranges).toEqual([undefined, 'bytes=6-'])
    expect(logOf(system)).toContain('info GET error: reset')
  })

  test('a server that answers a Range with the whole, or not at all, is understood', async () => {
    for (const status of [200, 416]) {
      const { fetcher } = startFetcher({
        server: ({ headers }, attempt) =>
          attempt === 1
            ? { body: ['first ', reset] }
            : { body: content, status: headers.some(([name]) => name === 'Range') ? status : 200 },
      })
      const verification = { hash: hashOf(content) }
      expect(text(await fetcher.toMemory({ source: url, verification }))).toBe(content)
    }
  })

  test('without a hash, the whole is asked for again and the known part compared', async () => {
    const { fetcher, system } = startFetcher({
      server: (_request, attempt) => ({
        body: attempt < 3 ? ['fir', 'st ', reset] : ['first second', ' third'],
      }),
    })
    const chunks: string[] = []
    await fetcher.toSink({ source: url }, (chunk) => chunks.push(text(chunk)))
    expect(chunks.join('')).toBe(content)
    expect(system.requests.flatMap(({ headers }) => headers).filter(([name]) => name === 'Range')).toEqual([])
  })

  test.each([
    ['other bytes', ['another body altogether']],
    ['fewer bytes', ['fir']],
    ['no bytes', []],
  ])('without a hash, %s the second time are refused', async (_name, body) => {
    const { fetcher } = startFetcher({
      server: (_request, attempt) => ({ body: attempt === 1 ? ['first ', reset] : body }),
    })
    await expect(fetcher.toMemory({ source: url })).rejects.toThrow(/changed while they were fetched/)
  })

  test('compressed bytes go on where they were cut off', async () => {
    const zipped = gzipSync('a'.repeat(10_000) + content)
    const { fetcher } = startFetcher({
      server: (_request, attempt) => ({ body: attempt === 1 ? [zipped.subarray(0, 20), reset] : zipped }),
    })
    const bytes = await fetcher.toMemory({ source: url, compression: 'gzip' })
    expect(text(bytes)).toBe('a'.repeat(10_000) + content)
  })
})

describe('redirects', () => {
  test('are followed without what the config sent, 20 of them', async () => {
    const { fetcher, system } = startFetcher({
      server({ url: asked }) {
        const count = Number(asked.split('/').at(-1))
        return count < 20 ? { status: 302, headers: { location: `../x/${count + 1}` } } : { body: 'there' }
      },
    })
    const httpHeaders = [
      { name: 'X-Auth', value: 'secret' },
      { name: 'User-Agent', value: 'mine' },
    ]
    expect(text(await fetcher.toMemory({ source: 'http://u:p@h/x/0', httpHeaders }))).toBe('there')
    expect(system.requests.map(({ headers }) => headers.map(([name]) => name))).toEqual([
      ['User-Agent', 'Accept', 'Accept-Encoding', 'Authorization', 'X-Auth'],
      ...Array.from({ length: 20 }, () => ['User-Agent', 'Accept-Encoding']),
    ])
    expect(JSON.stringify(system.requests.slice(1))).not.toMatch(/mine|secret|u:p/)
  })

  test('a circle ends', async () => {
    const { fetcher } = startFetcher({ server: () => ({ status: 301, headers: { location: '/x' } }) })
    await expect(fetcher.toMemory({ source: url })).rejects.toThrow('more than 20 redirects')
  })

  test('to another scheme is refused', async () => {
    const { fetcher } = startFetcher({
      server: () => ({ status: 301, headers: { location: 'file:///etc/shadow' } }),
    })
    await expect(fetcher.toMemory({ source: url })).rejects.toMatchObject({ code: 'FL_FETCH' })
  })

  test.each([
    ['http://[fe80::1%25eth0]:80/a/b', 'c?d', 'http://[fe80::1%25eth0]/a/c?d'],
    ['http://[fe80::1%25eth0]/a', '/c', 'http://[fe80::1%25eth0]/c'],
    ['http://[fe80::1%25eth0]/a', '//[fe80::2]/c', 'http://[fe80::2]/c'],
    ['http://[2001:db8::1]/a', '/]', 'http://[2001:db8::1]/]'],
  ])('of %s to %s', async (from, location, to) => {
    const { fetcher, system } = startFetcher({
      server: ({ url: asked }) => (asked === from ? { status: 302, headers: { location } } : {}),
    })
    await fetcher.toMemory({ source: from })
    expect(system.requests.map(({ url: asked }) => asked)).toEqual([from, to])
  })

  test('303 turns into GET without a body, 307 keeps both', async () => {
    for (const [status, method] of [
      [303, 'GET'],
      [307, 'POST'],
    ] as const) {
      const { fetcher, system } = startFetcher({
        server: ({ url: asked }) => (asked === url ? { status, headers: { location: 'http://h/next' } } : {}),
      })
      await fetcher.ask({ url, method: 'POST', body: Buffer.from('x') })
      expect(system.requests[1]).toMatchObject({ url: 'http://h/next', method })
      expect(system.requests[1]?.body !== undefined).toBe(method === 'POST')
    }
  })
})
