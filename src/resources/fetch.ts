import { IgnitionError } from '../errors.ts'
import type { Resource } from '../section.ts'
import { parseDataUrl } from '../spec/data-url.ts'
import type { System } from '../system/system.ts'
import { needsNetwork, type Scheme, schemeOf, schemes } from './schemes.ts'
import {
  type Connection,
  defaultConnection,
  type Fetcher,
  type FetchSettings,
  type Question,
} from './settings.ts'
import { showUrl } from './show-url.ts'
import { createIntake, expectedHash, type Intake } from './verify.ts'

/** Bytes that one resource may take in memory: configs, keys and certificates are far smaller. */
const memoryLimitBytes = 512 * 1024 * 1024

export interface FetcherOptions {
  readonly system: System
  /** Whether whatever needs the network is refused with `FL_NEEDS_NETWORK`. */
  readonly offline: boolean
}

interface State extends FetcherOptions {
  connection: Connection
  /** Source of a list of certificate authorities → its certificates, for the life of the process. */
  readonly authorities: Map<string, readonly string[]>
}

/** Fetches resources of every scheme, with settings that `configure` replaces. */
export function createFetcher({ system, offline }: FetcherOptions): Fetcher {
  const state: State = { system, offline, connection: defaultConnection, authorities: new Map() }
  return {
    toSink: (resource, sink) => fetchInto(state, resource, sink),
    toMemory: (resource) => fetchToMemory(state, resource),
    configure: (settings) => configure(state, settings),
    ask: async (question) => ask(state, question),
  }
}

async function fetchToMemory(state: State, resource: Resource): Promise<Uint8Array> {
  const memory = createMemory(showUrl(resource.source ?? ''))
  await fetchInto(state, resource, (chunk) => memory.take(chunk))
  return memory.bytes()
}

async function fetchInto(state: State, resource: Resource, sink: (chunk: Uint8Array) => void): Promise<void> {
  const { source = '' } = resource
  const shown = showUrl(source)
  const scheme = usableScheme(state, source)
  // Nothing is no contents: there is nothing to check.
  if (scheme.kind === 'empty') return
  const intake = await createIntake(resource, sink, shown)
  try {
    await transfer(state, { scheme, resource, intake })
    await intake.finish()
  } finally {
    intake.discard()
  }
}

type UsableScheme = Exclude<Scheme, { kind: 'planned' }>

/** The scheme of a source. Throws `FL_NEEDS_NETWORK` before anything else, then `FL_UNSUPPORTED`. */
function usableScheme({ offline }: State, source: string): UsableScheme {
  const shown = showUrl(source)
  if (offline && needsNetwork(source))
    throw new IgnitionError({ code: 'FL_NEEDS_NETWORK', message: `${shown}: resource requires networking` })
  const name = schemeOf(source)
  const scheme = schemes[name]
  if (scheme === undefined)
    throw new IgnitionError({
      code: 'FL_UNSUPPORTED',
      message: `${shown}: unsupported source scheme "${name}"`,
    })
  if (scheme.kind === 'planned')
    throw new IgnitionError({
      code: 'FL_UNSUPPORTED',
      message: `${shown}: scheme "${name}" (${scheme.what}) is known but this version cannot fetch it; use http or https`,
    })
  return scheme
}

function dataOf(source: string): Uint8Array {
  const bytes = parseDataUrl(source)
  if (bytes) return bytes
  throw new IgnitionError({ code: 'FL_CONFIG_INVALID', message: 'a data URL is not a right one' })
}

/** Loaded when first used: most stages fetch nothing. */
async function http() {
  const [{ fetchHttp }, { requestHeaders }] = await Promise.all([import('./http.ts'), import('./headers.ts')])
  return { fetchHttp, requestHeaders }
}

interface Transfer {
  readonly scheme: UsableScheme
  readonly resource: Resource
  readonly intake: Intake
}

async function transfer(state: State, { scheme, resource, intake }: Transfer): Promise<void> {
  const { source = '' } = resource
  switch (scheme.kind) {
    case 'empty':
      return
    case 'data':
      return intake.write(dataOf(source))
    case 'http':
      return download(state, resource, intake)
    case 'tftp': {
      const { fetchTftp } = await import('./tftp.ts')
      return fetchTftp({ system: state.system, url: source, write: async (chunk) => intake.write(chunk) })
    }
  }
}

async function download(state: State, resource: Resource, intake: Intake): Promise<void> {
  const { source: url = '', httpHeaders = [] } = resource
  const { fetchHttp, requestHeaders } = await http()
  await fetchHttp({
    system: state.system,
    connection: state.connection,
    method: 'GET',
    url,
    headers: requestHeaders(httpHeaders, url),
    proven: expectedHash(resource, showUrl(url)) !== undefined,
    write: async (chunk) => intake.write(chunk),
  })
}

async function ask(state: State, { url, method = 'GET', headers = [], ...rest }: Question) {
  const memory = createMemory(showUrl(url))
  usableScheme(state, url)
  const { fetchHttp, requestHeaders } = await http()
  const status = await fetchHttp({
    ...rest,
    system: state.system,
    connection: state.connection,
    method,
    url,
    headers: requestHeaders(headers, url),
    proven: false,
    write: async (chunk) => memory.take(chunk),
  })
  return { status, body: memory.bytes() }
}

/** New timeouts and proxy hold while the certificate authorities are fetched, the new trust after that. */
async function configure(
  state: State,
  { timeouts, certificateAuthorities, proxy }: FetchSettings,
): Promise<void> {
  state.connection = {
    responseHeadersSeconds: Number(timeouts.httpResponseHeaders ?? defaultConnection.responseHeadersSeconds),
    totalSeconds: Number(timeouts.httpTotal ?? defaultConnection.totalSeconds),
    certificateAuthorities: state.connection.certificateAuthorities,
    proxy,
  }
  if (certificateAuthorities.length === 0) return
  const bundles: (readonly string[])[] = []
  for (const authority of certificateAuthorities) bundles.push(await fetchAuthority(state, authority))
  state.connection = { ...state.connection, certificateAuthorities: bundles.flat() }
}

async function fetchAuthority(state: State, resource: Resource): Promise<readonly string[]> {
  const { source = '' } = resource
  const known = state.authorities.get(source)
  if (known) return known
  const { parseBundle } = await import('./authorities.ts')
  const found = parseBundle(await fetchToMemory(state, resource), showUrl(source))
  for (const { name } of found) state.system.log('info', `Adding "${name}" to list of CAs`)
  const certificates = found.map(({ pem }) => pem)
  state.authorities.set(source, certificates)
  return certificates
}

function createMemory(shown: string) {
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    take(chunk: Uint8Array) {
      length += chunk.length
      if (length > memoryLimitBytes)
        throw new IgnitionError({
          code: 'FL_FETCH',
          message: `${shown}: larger than ${memoryLimitBytes} bytes`,
        })
      chunks.push(chunk)
    },
    bytes: (): Uint8Array => Buffer.concat(chunks, length),
  }
}
