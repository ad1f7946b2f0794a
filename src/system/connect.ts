import type { LookupAddress } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { refuseLinkLocal } from './link-local.ts'
import type { HttpTimeouts } from './network.ts'
import type { Target } from './target.ts'

export interface ConnectOptions {
  readonly target: Target
  readonly proxy: Target | undefined
  readonly timeouts: HttpTimeouts
  /** What to trust; asked for only when a TLS connection is made. */
  readonly trust: () => SecureContext
  readonly allowLinkLocal: boolean
  readonly localPort: number | undefined
}

/**
 * Milliseconds that one address of a name may take before the next is tried, of the other family first. Node would give
 * up an address after a quarter of a second, which some links need for a handshake.
 */
const attemptMilliseconds = 1000

/** TCP keep-alive probes start after this many milliseconds of silence. */
const keepAliveMilliseconds = 30_000

/** A connection that is ready for the request: to the target, or to its proxy, or through the proxy to the target. */
export async function connect(options: ConnectOptions): Promise<Socket> {
  const { target, proxy } = options
  if (!options.allowLinkLocal) refuseLinkLocal(target.host)
  const first = proxy ?? target
  let socket = await openTcp(first, options)
  if (first.secure) socket = await startTls(socket, first, options)
  if (!proxy || !target.secure) return socket
  const tunnel = await openTunnel(socket, options)
  return startTls(tunnel, target, options)
}

async function openTcp({ host, port }: Target, options: ConnectOptions): Promise<Socket> {
  const { timeouts, allowLinkLocal, localPort } = options
  const net = await import('node:net')
  const checked = allowLinkLocal ? {} : { lookup: await resolveChecked(host) }
  const socket = net.connect({
    host,
    port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: attemptMilliseconds,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMilliseconds,
    ...checked,
    ...(localPort === undefined ? {} : { localPort }),
  })
  return ready(socket, {
    event: 'connect',
    seconds: timeouts.connectSeconds,
    what: `connecting to ${host} port ${port}`,
  })
}

/**
 * Resolves a name and refuses it when one of its addresses is link-local, before a socket is made. The answer is a
 * lookup that knows only the addresses that were checked.
 */
async function resolveChecked(host: string): Promise<LookupFunction> {
  refuseLinkLocal(host)
  const dns = await import('node:dns/promises')
  const addresses = await dns.lookup(host, { all: true })
  for (const { address } of addresses) refuseLinkLocal(host, address)
  const [first] = addresses as [LookupAddress, ...LookupAddress[]]
  return (_host, options, done) =>
    options.all ? done(null, addresses) : done(null, first.address, first.family)
}

async function startTls(
  socket: Socket,
  { host }: Target,
  { timeouts, trust }: ConnectOptions,
): Promise<Socket> {
  const [tls, net] = await Promise.all([import('node:tls'), import('node:net')])
  const [name = ''] = host.split('%')
  const secured = tls.connect({
    socket,
    host: name,
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
    secureContext: trust(),
    // Node would take the common name when there is no alternative name; browsers and the reference do not.
    checkServerIdentity: (asked, certificate) =>
      certificate.subjectaltname === undefined
        ? new Error(`the certificate of ${asked} has no subject alternative name`)
        : tls.checkServerIdentity(asked, certificate),
    ALPNProtocols: ['http/1.1'],
  })
  const what = `the TLS handshake with ${host}`
  return ready(secured, { event: 'secureConnect', seconds: timeouts.tlsHandshakeSeconds, what })
}

/** Asks a proxy for a connection to the target. */
async function openTunnel(socket: Socket, { target, proxy, timeouts }: ConnectOptions): Promise<Socket> {
  const http = await import('node:http')
  const address = target.host.includes(':') ? `[${target.host}]` : target.host
  const path = `${address}:${target.port}`
  const request = http.request({
    createConnection: () => socket,
    method: 'CONNECT',
    path,
    headers: { Host: path, 'User-Agent': 'Go-http-client/1.1', ...proxyAuthorization(proxy) },
    timeout: timeouts.connectSeconds * 1000,
  })
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    request.once('error', fail)
    request.once('timeout', () =>
      fail(timedOut(`the proxy's answer to CONNECT ${path}`, timeouts.connectSeconds)),
    )
    request.once('response', ({ statusCode }) =>
      fail(new Error(`proxy refused CONNECT ${path}: status ${statusCode}`)),
    )
    request.once('connect', ({ statusCode }, tunnel: Socket, head) => {
      if (statusCode !== 200) return fail(new Error(`proxy refused CONNECT ${path}: status ${statusCode}`))
      tunnel.setTimeout(0)
      if (head.length > 0) tunnel.unshift(head)
      return resolve(tunnel)
    })
    request.end()
  })
}

/** `Proxy-Authorization` from the user name and password in the proxy's URL. */
export function proxyAuthorization(proxy: Target | undefined): Readonly<Record<string, string>> {
  if (proxy?.credentials === undefined) return {}
  return { 'Proxy-Authorization': `Basic ${Buffer.from(proxy.credentials).toString('base64')}` }
}

interface Readiness {
  readonly event: 'connect' | 'secureConnect'
  readonly seconds: number
  /** For the error: `connecting to host port 80`. */
  readonly what: string
}

/** Waits for the event, an error, or the end of the time; destroys the socket unless it is ready. */
async function ready(socket: Socket, { event, seconds, what }: Readiness): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(timedOut(what, seconds)), seconds * 1000)
    const fail = (error: Error) => {
      clearTimeout(timer)
      reject(error)
    }
    // Stays for good: a socket under TLS or a tunnel has no other listener, and an error without one ends the process.
    socket.on('error', fail)
    socket.once('close', () => fail(new Error(`connection closed during ${what}`)))
    socket.once(event, () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}

function timedOut(what: string, seconds: number): Error {
  return Object.assign(new Error(`${what} took longer than ${seconds} s`), { code: 'ETIMEDOUT' })
}
