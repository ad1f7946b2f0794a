import { IgnitionError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../system/network.ts'
import type { System } from '../system/system.ts'
import { credentialsOf, type Header, redirectedHeaders } from './headers.ts'
import { showUrl } from './show-url.ts'

/** The reference has no bound and never ends on a circle. */
const maximumRedirects = 20

export interface FollowOptions {
  readonly system: Pick<System, 'request' | 'log'>
  readonly request: HttpRequest
  /** Sent on redirected requests too: the part of the body that is wanted. */
  readonly always: readonly Header[]
  /** Source port of each request. */
  readonly localPort?: (() => number) | undefined
  /** The proxy for a URL. */
  readonly proxyFor: (url: string) => string | undefined
}

/** Sends a request and follows redirects. What the config set as headers goes to the first server only. */
export async function requestFollowing({
  system,
  request,
  always,
  localPort,
  proxyFor,
}: FollowOptions): Promise<HttpResponse> {
  let current = request
  for (let count = 0; count <= maximumRedirects; count += 1) {
    const proxy = proxyFor(current.url)
    const response = await system.request({
      ...current,
      headers: [...current.headers, ...always],
      ...(proxy === undefined ? {} : { proxy }),
      ...(localPort ? { localPort: localPort() } : {}),
    })
    const location = isRedirect(response.status) ? response.headers['location'] : undefined
    if (location === undefined) return response
    await drain(response)
    const next = redirected(current, response.status, location)
    system.log('debug', `${current.method} ${showUrl(current.url)}: redirected to ${showUrl(next.url)}`)
    current = next
  }
  throw new IgnitionError({
    code: 'FL_FETCH',
    message: `${request.method} ${showUrl(request.url)}: more than ${maximumRedirects} redirects`,
  })
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  const url = resolve(request.url, location)
  const { body, ...rest } = request
  // RFC 9110, section 15.4: only 307 and 308 keep method and body.
  const keeps = status === 307 || status === 308
  return {
    ...rest,
    ...(keeps && body !== undefined ? { body } : {}),
    method: keeps || request.method === 'HEAD' ? request.method : 'GET',
    url,
    headers: [...redirectedHeaders, ...credentialsOf(url)],
  }
}

function resolve(base: string, location: string): string {
  if (/^https?:\/\//i.test(location)) return location
  // A relative reference would take over the base's user name and password, and URL knows no zones.
  const { plain, zone } = withoutZone(base.replace(/^(https?:\/\/)[^/?#]*@/i, '$1'))
  const url = URL.parse(location, plain)
  if (url?.protocol === 'http:' || url?.protocol === 'https:')
    return url.host === URL.parse(plain)?.host ? url.href.replace(']', `${zone}]`) : url.href
  throw new IgnitionError({
    code: 'FL_FETCH',
    message: `GET ${showUrl(base)}: redirected to ${showUrl(location)}, which is no http or https URL`,
  })
}

/** `http://[fe80::1%25eth0]/` → `http://[fe80::1]/` and `%25eth0`. */
function withoutZone(url: string): { readonly plain: string; readonly zone: string } {
  const [, start = '', zone = '', rest = ''] = /^([^/]*\/\/\[[^\]%]*)(%[^\]]*)(\].*)$/s.exec(url) ?? []
  return zone === '' ? { plain: url, zone } : { plain: start + rest, zone }
}

/** A body up to this many bytes is read to its end, so that the connection can be used again. */
const drainBytes = 64 * 1024

/** Gets rid of a body that nobody wants. */
export async function drain({ body }: HttpResponse): Promise<void> {
  let read = 0
  try {
    for await (const chunk of body) {
      read += chunk.length
      if (read > drainBytes) break
    }
  } catch {
    // The status is the answer; what went wrong behind it does not matter.
  }
}
