import { IgnitionError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../system/network.ts'
import type { System } from '../system/system.ts'
import { parseTarget } from '../system/target.ts'
import { describeCause } from './cause.ts'
import type { Header } from './headers.ts'
import { createPatience, type Failure, type Patience } from './patience.ts'
import { createPrefix, type Prefix, type Skip } from './prefix.ts'
import { selectProxy } from './proxy.ts'
import { drain, requestFollowing } from './redirects.ts'
import type { Connection } from './settings.ts'
import { showUrl } from './show-url.ts'
import { isTemporary, statusWords } from './status.ts'
import { withinTime } from './within-time.ts'

/** Seconds for a TCP connection and for a TLS handshake, as the reference. */
const connectSeconds = 30
const tlsHandshakeSeconds = 10

export interface HttpFetch {
  readonly system: System
  readonly connection: Connection
  readonly method: HttpRequest['method']
  readonly url: string
  readonly headers: readonly Header[]
  /** Headers that are made anew for each attempt: signatures grow old. */
  readonly sign?: () => Promise<readonly Header[]>
  readonly body?: Uint8Array | undefined
  /** Source port of each request. */
  readonly localPort?: (() => number) | undefined
  /** Statuses that are answers, besides 200 and 204. */
  readonly accept?: readonly number[] | undefined
  /** Statuses to try again after, besides those that always are. */
  readonly retry?: readonly number[] | undefined
  /** Sees every answer's status and headers, before anything is made of them. */
  readonly onResponse?: ((response: Pick<HttpResponse, 'status' | 'headers'>) => void) | undefined
  /** A hash proves the whole: a broken download may go on with a part. */
  readonly proven: boolean
  /** Takes the body as it arrives, and may free it. What it throws ends the fetch. */
  readonly write: (chunk: Uint8Array) => Promise<void>
  /** Ends the fetch, also while it waits between attempts. */
  readonly signal?: AbortSignal | undefined
}

/** How one attempt ended, when not with an error that no further attempt can help. */
type Outcome = { readonly kind: 'done'; readonly status: number } | ({ readonly kind: 'again' } & Failure)

interface Attempts {
  readonly fetch: HttpFetch
  readonly patience: Patience
  readonly prefix: Prefix
  readonly signal: AbortSignal | undefined
  /** Whether to ask for the rest of a body that was cut off. */
  takesParts: boolean
}

/**
 * Fetches until it succeeds, fails for good, or the total time is over. A body that is cut off is taken up again.
 * Answers the status.
 */
export async function fetchHttp(fetch: HttpFetch): Promise<number> {
  const { system, connection, method, url } = fetch
  const what = `${method} ${showUrl(url)}`
  const { host } = parseTarget(selectProxy(url, connection.proxy) ?? url)
  const patience = createPatience({ system, what, host })
  const late = (cause: unknown) => {
    const words = `${what}: unable to fetch resource in time (${connection.totalSeconds} s)`
    return new IgnitionError({
      code: 'FL_FETCH_TIMEOUT',
      message: [words, ...patience.reasons()].join('; '),
      cause,
    })
  }
  const seconds = connection.totalSeconds
  return withinTime({ system, seconds, late, signal: fetch.signal }, async (signal) => {
    const prefix = createPrefix({ proven: fetch.proven, shown: what })
    const attempts = { fetch, patience, prefix, signal, takesParts: fetch.proven }
    return patience.explaining(async () => {
      for (let number = 1; ; number += 1) {
        system.log('info', `${what}: attempt #${number}`)
        const outcome = await attempt(attempts)
        if (outcome.kind === 'done') return outcome.status
        await patience.wait(outcome, signal)
      }
    })
  })
}

async function attempt(attempts: Attempts): Promise<Outcome> {
  const { fetch, prefix, signal } = attempts
  const { system, method } = fetch
  const part: Header[] =
    attempts.takesParts && prefix.length > 0 ? [['Range', `bytes=${prefix.length}-`]] : []
  let response: HttpResponse
  try {
    const signature = fetch.sign ? await fetch.sign() : []
    response = await send(fetch, { part, signature }, signal)
  } catch (cause) {
    return again(attempts, cause)
  }
  const { status } = response
  fetch.onResponse?.(response)
  system.log('info', `${method} result: ${statusWords(status)}`)
  if (isTemporary(status) || fetch.retry?.includes(status) === true) {
    await drain(response)
    return {
      kind: 'again',
      reason: `status ${status} ${statusWords(status)}`,
      ...retryAfter(response, system.now()),
    }
  }
  if (part.length > 0 && status === 416) {
    await drain(response)
    attempts.takesParts = false
    return { kind: 'again', reason: `status ${status} ${statusWords(status)}` }
  }
  if (part.length > 0 && status === 206 && startsAt(response, prefix.length))
    return receive(attempts, response)
  if (![200, 204, ...(fetch.accept ?? [])].includes(status)) {
    await drain(response)
    throw refused(fetch, status)
  }
  return receive(attempts, response, prefix.skip())
}

function send(
  fetch: HttpFetch,
  { part, signature }: { readonly part: readonly Header[]; readonly signature: readonly Header[] },
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const { system, connection, method, url, body, localPort } = fetch
  const headers = [...fetch.headers, ...signature]
  const { responseHeadersSeconds, certificateAuthorities, proxy } = connection
  return requestFollowing({
    system,
    always: part,
    localPort,
    proxyFor: (target) => selectProxy(target, proxy),
    request: {
      method,
      url,
      headers,
      timeouts: { connectSeconds, tlsHandshakeSeconds, responseHeadersSeconds },
      certificateAuthorities,
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    },
  })
}

/** An error of the transport is worth another try; one of Firstlight, or the end of the time, is not. */
function again({ fetch, signal }: Attempts, cause: unknown): Outcome {
  if (cause instanceof IgnitionError || signal?.aborted === true) throw cause
  const reason = describeCause(cause) + clockHint(cause, fetch.system)
  fetch.system.log('info', `${fetch.method} error: ${reason}`)
  return { kind: 'again', reason }
}

/** A machine without a battery boots in the past, and no certificate is valid then. */
function clockHint(cause: unknown, system: System): string {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException
  const isAboutTime = code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED'
  return isAboutTime ? `; the clock of this machine says ${system.now().toISOString()}` : ''
}

/** Hands the body on, from where the attempt before was cut off. */
async function receive(attempts: Attempts, { body, status }: HttpResponse, skip?: Skip): Promise<Outcome> {
  const { fetch, patience, prefix } = attempts
  const chunks = body[Symbol.asyncIterator]()
  for (;;) {
    let next: IteratorResult<Uint8Array>
    try {
      next = await chunks.next()
    } catch (cause) {
      return again(attempts, cause)
    }
    if (next.done === true) {
      skip?.end()
      return { kind: 'done', status }
    }
    try {
      const chunk = skip?.take(next.value) ?? next.value
      if (chunk.length === 0) continue
      prefix.add(chunk)
      patience.refresh()
      await fetch.write(chunk)
    } catch (error) {
      await chunks.return?.()
      throw error
    }
  }
}

/** `Content-Range: bytes 100-199/200` begins where the part was asked from. */
function startsAt({ headers }: HttpResponse, offset: number): boolean {
  return new RegExp(`^bytes ${offset}-`, 'i').test(headers['content-range'] ?? '')
}

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3); a date is by the clock of the server. */
function retryAfter({ headers }: HttpResponse, now: Date): { afterMilliseconds?: number } {
  const { 'retry-after': text, date = '' } = headers
  if (text === undefined) return {}
  const from = Number.isNaN(Date.parse(date)) ? now.getTime() : Date.parse(date)
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - from
  return Number.isNaN(milliseconds) ? {} : { afterMilliseconds: milliseconds }
}

function refused({ method, url }: HttpFetch, status: number): IgnitionError {
  const words = status === 404 ? 'resource not found' : 'failed to fetch resource'
  return new IgnitionError({
    code: 'FL_FETCH',
    message: `${method} ${showUrl(url)}: ${words}: the server answered ${status} ${statusWords(status)}`,
  })
}
