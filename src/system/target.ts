import { IgnitionError } from '../errors.ts'

/** Where a request goes, taken from a URL byte for byte: nothing is resolved, collapsed or re-escaped. */
export interface Target {
  readonly secure: boolean
  /** Name or address, without brackets; with its zone when it has one (`fe80::1%eth0`). */
  readonly host: string
  readonly port: number
  /** For the `Host` header: brackets, no zone, the port as written. */
  readonly authority: string
  /** Path and query as written, at least `/`. */
  readonly path: string
  /** `user:password`, decoded. */
  readonly credentials?: string
}

const pattern =
  /^(?<scheme>https?):\/\/(?:(?<userinfo>[^/?#]*)@)?(?<host>\[[^\]/?#]+\]|[^:/?#[\]@]+)(?::(?<port>\d*))?(?<path>\/[^?#]*)?(?<query>\?[^#]*)?(?:#.*)?$/is

/** Takes an absolute http or https URL apart. Throws `FL_FETCH` when it is none. */
export function parseTarget(url: string): Target {
  const { scheme, userinfo, host = '', port, path, query } = pattern.exec(url)?.groups ?? {}
  if (scheme === undefined) throw unusable(url)
  const secure = scheme.toLowerCase() === 'https'
  const literal = host.startsWith('[')
  const name = decode(literal ? host.slice(1, -1) : host, url)
  const [address] = name.split('%')
  return {
    secure,
    host: name,
    port: port ? Number(port) : secure ? 443 : 80,
    authority: `${literal ? `[${address}]` : host}${port ? `:${port}` : ''}`,
    path: escapeUnsendable(`${path ?? '/'}${query ?? ''}`),
    ...(userinfo === undefined ? {} : { credentials: decode(userinfo, url) }),
  }
}

/** A URL as it may be shown: without user name and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, '$1')
}

/** What may not stand in a request line is sent percent-encoded, as UTF-8. */
function escapeUnsendable(path: string): string {
  return path.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text))
}

function decode(text: string, url: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A zone may be written with a bare percent sign.
    if (/^[\da-f:.]+%[\w.-]+$/i.test(text)) return text
    throw unusable(url)
  }
}

function unusable(url: string): IgnitionError {
  return new IgnitionError({
    code: 'FL_FETCH',
    message: `${withoutCredentials(url)} is not a URL that a request can be sent to`,
  })
}
