import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Dispatcher, Pool } from 'undici'
import { certificatePlaces, systemCertificates } from './certificates.ts'
import { connect, proxyAuthorization } from './connect.ts'
import type { HttpRequest, HttpResponse, System } from './system.ts'
import { parseTarget, type Target } from './target.ts'

export interface HttpOptions {
  readonly environment: System['environment']
  /** Whether link-local and metadata addresses may be reached. */
  readonly allowLinkLocal: boolean
}

/** One request over HTTP/1.1 with exactly the headers given; connections are kept for the next request. */
export function createHttp({ environment, allowLinkLocal }: HttpOptions): System['request'] {
  const pools = new Map<string, Pool>()
  let trusted: readonly string[] | undefined

  const systemTrust = () => {
    trusted ??= systemCertificates(certificatePlaces(environment))
    return trusted
  }

  const poolFor = async (request: HttpRequest, target: Target, proxy: Target | undefined): Promise<Pool> => {
    const { timeouts, certificateAuthorities } = request
    const { connectSeconds, tlsHandshakeSeconds } = timeouts
    const { secure, host, port } = target
    const key = JSON.stringify([
      secure,
      host,
      port,
      request.proxy,
      certificateAuthorities,
      connectSeconds,
      tlsHandshakeSeconds,
    ])
    const known = pools.get(key)
    if (known) return known
    const certificates = () => [...systemTrust(), ...certificateAuthorities]
    const { default: PoolOfConnections } = await import('undici/lib/dispatcher/pool.js')
    // The connection is made here and the Host header is given, so undici needs no real origin.
    const pool = new PoolOfConnections('http://origin', {
      bodyTimeout: 0,
      allowH2: false,
      connect: (_options, done) => {
        connect({ target, proxy, timeouts, certificates, allowLinkLocal }).then(
          (socket) => done(null, socket),
          (error: Error) => done(error, null),
        )
      },
    })
    pools.set(key, pool)
    return pool
  }

  return async (request) => {
    const target = parseTarget(request.url)
    const proxy = request.proxy === undefined ? undefined : parseTarget(request.proxy)
    const pool = await poolFor(request, target, proxy)
    return send(pool, request, { target, proxy })
  }
}

async function send(
  pool: Pool,
  { method, headers, body, timeouts, signal }: HttpRequest,
  { target, proxy }: { target: Target; proxy: Target | undefined },
): Promise<HttpResponse> {
  const { default: request } = await import('undici/lib/api/api-request.js')
  const absolute = proxy !== undefined && !target.secure
  const own = absolute ? Object.entries(proxyAuthorization(proxy)) : []
  const all = [...headers, ...own]
  const host = all.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? target.authority
  const closing = all.some(
    ([name, value]) => name.toLowerCase() === 'connection' && value.toLowerCase() === 'close',
  )
  const answer = await withRefusedHeaders(all, () =>
    request.call(pool, {
      method,
      path: absolute ? `http://${target.authority}${target.path}` : target.path,
      headers: ['Host', host, ...all.filter(([name]) => !isOwnPart(name)).flat()],
      body: body ?? null,
      headersTimeout: timeouts.responseHeadersSeconds * 1000,
      reset: closing,
      ...(signal ? { signal } : {}),
    }),
  )
  return { status: answer.statusCode, headers: joinHeaders(answer.headers), body: answer.body }
}

/** Headers that undici wants to write itself and refuses as input; a config may set them all the same. */
const refusedHeaders = ['keep-alive', 'upgrade', 'expect', 'connection']

const isOwnPart = (name: string) =>
  name.toLowerCase() === 'host' || refusedHeaders.includes(name.toLowerCase())

/**
 * Adds such headers by undici's diagnostics channel, which hands out each request with its list of headers before
 * it is sent. `start` makes its request before it returns, so that the one subscriber sees no other request.
 */
function withRefusedHeaders<T>(headers: HttpRequest['headers'], start: () => T): T {
  const refused = headers.filter(([name]) => refusedHeaders.includes(name.toLowerCase()))
  if (refused.length === 0) return start()
  const add = (message: unknown) => {
    const { request } = message as { request: { headers: string[] } }
    request.headers.push(...refused.flat())
  }
  subscribe('undici:request:create', add)
  try {
    return start()
  } finally {
    unsubscribe('undici:request:create', add)
  }
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
    ),
  )
}
