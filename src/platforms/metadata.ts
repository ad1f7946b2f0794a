import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import type { System } from '../system/system.ts'
import { decodeBase64, gunzip, isGzip } from './decode.ts'
import type { Answer, Headers, HttpSource, TokenRequest } from './source.ts'

export interface MetadataOptions {
  readonly system: System
  readonly fetcher: Fetcher
  readonly source: HttpSource
  readonly platform: string
  readonly signal?: AbortSignal | undefined
}

/** Reads the config from a metadata service. Throws what the fetch throws, and `FL_CONFIG_UNREADABLE` for a bad answer. */
export async function readMetadata(options: MetadataOptions): Promise<Answer> {
  const { fetcher, source, platform, signal } = options
  const token = source.token === undefined ? {} : await askToken(options, source.token)
  const missing = source.missing ?? 'empty'
  const { status, body } = await fetcher.ask({
    url: source.url,
    headers: headerList({ ...source.headers, ...token }),
    accept: missing === 'empty' ? [404] : [],
    retry: source.retry ?? [],
    ...(source.privilegedPort === true ? { localPort: () => privilegedPort(options.system) } : {}),
    ...(signal ? { signal } : {}),
  })
  if (status === 404) return { kind: 'empty', reason: `${source.url} says there is none` }
  const bytes = await decode(body, source, platform)
  if (bytes.length === 0) return { kind: 'empty', reason: `${source.url} is empty` }
  return { kind: 'found', bytes, source: platform, place: source.url }
}

/** Headers as a fetch takes them. */
export const headerList = (headers: Headers): { name: string; value: string }[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }))

/** The header with the session token; none where the service has no tokens. */
async function askToken(
  { system, fetcher, signal }: MetadataOptions,
  request: TokenRequest,
): Promise<Headers> {
  const { status, body } = await fetcher.ask({
    method: 'PUT',
    url: request.url,
    headers: headerList(request.headers),
    accept: request.missing === 'without' ? [404] : [],
    ...(signal ? { signal } : {}),
  })
  if (status === 404) {
    system.log('info', `${request.url} knows no session tokens; asking without one`)
    return {}
  }
  const token = new TextDecoder().decode(body).trim()
  if (token === '')
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `${request.url} answered with an empty session token`,
    })
  return { [request.header]: token }
}

/** Ports that only root may use; the service takes that as proof. 1023 is left out as in the reference. */
const HIGHEST_PRIVILEGED_PORT = 1022

/** A random one for each request: it may be taken, and that of a connection that broke off rests for a minute. */
function privilegedPort(system: System): number {
  const [high = 0, low = 0] = system.random(2)
  return 1 + ((high * 256 + low) % HIGHEST_PRIVILEGED_PORT)
}

async function decode(
  body: Uint8Array,
  { url, encoding }: HttpSource,
  platform: string,
): Promise<Uint8Array> {
  if (encoding === undefined) return body
  const bytes = decodeBase64(body, `what ${url} answers, user data of platform ${platform},`)
  return encoding === 'base64-gzip' && isGzip(bytes) ? gunzip(bytes, url) : bytes
}
