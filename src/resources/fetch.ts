import { IgnitionError } from '../errors.ts'
import type { Fetch, Resource } from '../section.ts'
import { parseDataUrl } from '../spec/data-url.ts'
import type { System } from '../system/system.ts'
import { configured } from './configure.ts'
import type { DownloadWay } from './download.ts'
import { createIdentities } from './identities.ts'
import { createMemory } from './memory.ts'
import { type Advance, createProgress, type Progress } from './progress.ts'
import { needsNetwork, type Scheme, schemeOf, schemes } from './schemes.ts'
import { defaultConnection, type Fetcher, type Question } from './settings.ts'
import { showUrl } from './show-url.ts'
import { sourceOf } from './source-of.ts'
import { createIntake, type Intake } from './verify.ts'

export interface FetcherOptions {
  readonly system: System
  /** Whether whatever needs the network is refused with `FL_NEEDS_NETWORK`. */
  readonly offline: boolean
  /** Where the machine runs, for fetching as the machine's own account there. */
  readonly platform?: string | undefined
}

interface Way extends DownloadWay {
  readonly offline: boolean
  readonly progress: Progress
  /** How many fetch side by side. */
  readonly of?: number | undefined
}

/** Fetches resources of every scheme, with settings that `configure` replaces. */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { system, offline } = options
  let connection = defaultConnection
  const identities = createIdentities(options.platform, {
    system,
    // proxies of a config are not for the machine's own cloud
    ask: (seconds) => async (question) =>
      ask(way(system, { connection: { ...defaultConnection, totalSeconds: seconds } }), question),
  })
  const progress = createProgress(system)
  const way = (scope: System, rest: Partial<Pick<Way, 'connection' | 'signal' | 'of'>> = {}): Way => ({
    system: scope,
    offline,
    connection,
    identities,
    progress,
    ...rest,
  })
  const known = new Map<string, readonly string[]>()
  const on = (scope: System, signal?: AbortSignal, of?: number): Fetch => ({
    toSink: (resource, sink) => fetchInto(way(scope, { signal, of }), resource, sink),
    toMemory: (resource) => fetchToMemory(way(scope, { signal, of }), resource),
    scoped: on,
  })
  return {
    ...on(system),
    offline,
    ask: async (question) => ask(way(system), question),
    async configure(settings) {
      connection = await configured({
        settings,
        before: connection,
        fetch: async (resource, used) => fetchToMemory(way(system, { connection: used }), resource),
        known,
        log: system.log,
      })
    },
  }
}

async function fetchToMemory(way: Way, resource: Resource): Promise<Uint8Array> {
  const memory = createMemory(showUrl(sourceOf(resource)))
  await fetchInto(way, resource, (chunk) => memory.take(chunk))
  return memory.bytes()
}

async function fetchInto(way: Way, resource: Resource, sink: (chunk: Uint8Array) => void): Promise<void> {
  const source = sourceOf(resource)
  const shown = showUrl(source)
  const scheme = usableScheme(way, source)
  // Nothing is no contents: there is nothing to check.
  if (scheme.kind === 'empty') return
  const intake = await createIntake(resource, sink, shown)
  const advance = needsNetwork(source) ? way.progress.begin(shown, way.of ?? 1) : undefined
  const transferAll = async () => {
    await transfer(
      { ...way, onResponse: advance?.answered },
      { scheme, resource, intake: counted(intake, advance) },
    )
    await intake.finish()
  }
  try {
    // what is inline is not worth a span
    if (scheme.kind === 'data') await transferAll()
    else await way.system.span({ kind: 'fetch', name: shown }, transferAll)
  } catch (cause) {
    throw way.signal?.aborted === true ? way.signal.reason : cause
  } finally {
    advance?.end()
    intake.discard()
  }
}

function counted(intake: Intake, advance: Advance | undefined): Intake {
  if (!advance) return intake
  return {
    ...intake,
    async write(chunk) {
      advance.add(chunk.length)
      await intake.write(chunk)
    },
  }
}

/** The scheme of a source. Throws `FL_NEEDS_NETWORK` before anything else, then `FL_UNSUPPORTED`. */
function usableScheme({ offline }: Way, source: string): Scheme {
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
  return scheme
}

function dataOf(source: string): Uint8Array {
  const bytes = parseDataUrl(source)
  if (bytes) return bytes
  throw new IgnitionError({ code: 'FL_CONFIG_INVALID', message: 'a data URL is not a right one' })
}

interface Transfer {
  readonly scheme: Scheme
  readonly resource: Resource
  readonly intake: Intake
}

async function transfer(way: Way, { scheme, resource, intake }: Transfer): Promise<void> {
  const source = sourceOf(resource)
  switch (scheme.kind) {
    case 'empty':
      return
    case 'data':
      return intake.write(dataOf(source))
    case 'http':
    case 's3':
    case 'gs': {
      // loaded when first used: most stages fetch nothing
      const { download } = await import('./download.ts')
      return download(way, { kind: scheme.kind, resource, intake })
    }
    case 'tftp': {
      const { fetchTftp } = await import('./tftp.ts')
      return fetchTftp({ system: way.system, url: source, write: async (chunk) => intake.write(chunk) })
    }
  }
}

async function ask(way: Way, { url, method = 'GET', headers = [], ...rest }: Question) {
  const memory = createMemory(showUrl(url))
  usableScheme(way, url)
  const [{ fetchHttp }, { requestHeaders }] = await Promise.all([import('./http.ts'), import('./headers.ts')])
  const status = await fetchHttp({
    ...rest,
    system: way.system,
    connection: way.connection,
    method,
    url,
    headers: requestHeaders(headers, url),
    proven: false,
    write: async (chunk) => memory.take(chunk),
  })
  return { status, body: memory.bytes() }
}
