import type { Pool } from 'undici'
import { createTrust } from './certificates.ts'
import { connect, proxyAuthorization } from './connect.ts'
import { createExchange } from './exchange.ts'
import { asksToClose, withHeaders } from './http-headers.ts'
import { refusedHost } from './link-local.ts'
import type { HttpRequest, HttpResponse } from './network.ts'
import type { System } from './system.ts'
import { parseTarget, type Target } from './target.ts'

/** Node's own limit of 16 KiB is less than some gateways send; the reference takes 10 MiB. */
const maximumHeaderBytes = 1024 * 1024

export interface HttpOptions {
  readonly environment: System['environment']
  /** Whether link-local and metadata addresses may be reached. */
  readonly allowLinkLocal: boolean
}

/** One request over HTTP/1.1 with exactly the headers given; connections are kept for the next request. */
export function createHttp({ environment, allowLinkLocal }: HttpOptions): System['request'] {
  const pools = new Map<string, Pool>()
  const trustFor = createTrust(environment)

  const poolFor = async (request: HttpRequest, target: Target, proxy: Target | undefined): Promise<Pool> => {
    const { timeouts, certificateAuthorities, localPort } = request
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
      localPort,
    ])
    const { default: PoolOfConnections } = await import('undici/lib/dispatcher/pool.js')
    const known = pools.get(key)
    if (known) return known
    const trust = () => trustFor(certificateAuthorities)
    // The connection is made here and the Host header is given, so undici needs no real origin.
    const pool = new PoolOfConnections('http://origin', {
      bodyTimeout: 0,
      maxHeaderSize: maximumHeaderBytes,
      allowH2: false,
      connect: (_options, done) => {
        connect({ target, proxy, timeouts, trust, allowLinkLocal, localPort }).then(
          (socket) => done(null, socket),
          (error: Error) => done(error, null),
        )
      },
    })
    pools.set(key, pool)
    return pool
  }

  return async (request) => {
    if (request.vsock) {
      const { cid, port } = request.vsock
      if (!allowLinkLocal) throw refusedHost(cid)
      const { connectStream, requestOver, vsockAddress } = await import('./vsock.ts')
      return requestOver(connectStream(vsockAddress(request.vsock), `vsock ${cid}:${port}`), request)
    }
    const target = parseTarget(request.url)
    const proxy = request.proxy === undefined ? undefined : parseTarget(request.proxy)
    const pool = await poolFor(request, target, proxy)
    return send(pool, request, { target, proxy })
  }
}

function send(
  pool: Pool,
  { method, headers, body, timeouts, signal }: HttpRequest,
  { target, proxy }: { target: Target; proxy: Target | undefined },
): Promise<HttpResponse> {
  const absolute = proxy !== undefined && !target.secure
  const all = [...headers, ...(absolute ? Object.entries(proxyAuthorization(proxy)) : [])]
  const { responseHeadersSeconds } = timeouts
  const { handler, response } = createExchange({
    signal,
    explain: (error) => explained(error, responseHeadersSeconds),
  })
  withHeaders(all, target.authority, (accepted) =>
    pool.dispatch(
      {
        method,
        path: absolute ? `http://${target.authority}${target.path}` : target.path,
        headers: accepted,
        body: body ?? null,
        headersTimeout: Math.min(responseHeadersSeconds * 1000, longestTimer),
        reset: asksToClose(all),
      },
      handler,
    ),
  )
  return response
}

/** Milliseconds; a Node timer set for longer fires at once. */
const longestTimer = 2 ** 31 - 1

/** The errors of undici that say too little, in words. */
function explained(error: unknown, responseHeadersSeconds: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return Object.assign(new Error(`no response within ${responseHeadersSeconds} s`), { code })
  if (code === 'UND_ERR_SOCKET' && message === 'other side closed')
    return Object.assign(new Error('the server closed the connection'), { code, cause: error })
  return error
}
