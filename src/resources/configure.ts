import type { Resource } from '../section.ts'
import type { Log } from '../system/system.ts'
import { type Connection, defaultConnection, type FetchSettings } from './settings.ts'
import { showUrl } from './show-url.ts'
import { sourceOf } from './source-of.ts'

export interface ConfigureOptions {
  readonly settings: FetchSettings
  /** The settings so far. */
  readonly before: Connection
  /** Fetches a bundle of certificates with the given settings. */
  readonly fetch: (resource: Resource, connection: Connection) => Promise<Uint8Array>
  /** Source of a bundle → its certificates, for the life of the process. */
  readonly known: Map<string, readonly string[]>
  readonly log: Log
}

/**
 * The settings that a config asks for. New timeouts and proxy hold while the certificate authorities are fetched, the new
 * trust after that; an empty list of authorities leaves the trust as it is.
 */
export async function configured(options: ConfigureOptions): Promise<Connection> {
  const { timeouts, certificateAuthorities, proxy } = options.settings
  const connection: Connection = {
    responseHeadersSeconds: Number(timeouts.httpResponseHeaders ?? defaultConnection.responseHeadersSeconds),
    totalSeconds: Number(timeouts.httpTotal ?? defaultConnection.totalSeconds),
    certificateAuthorities: options.before.certificateAuthorities,
    proxy,
  }
  if (certificateAuthorities.length === 0) return connection
  const bundles: (readonly string[])[] = []
  for (const authority of certificateAuthorities) bundles.push(await bundleOf(authority, connection, options))
  return { ...connection, certificateAuthorities: bundles.flat() }
}

async function bundleOf(
  resource: Resource,
  connection: Connection,
  { fetch, known, log }: ConfigureOptions,
): Promise<readonly string[]> {
  const source = sourceOf(resource)
  const before = known.get(source)
  if (before) return before
  const { parseBundle } = await import('./authorities.ts')
  const found = parseBundle(await fetch(resource, connection), showUrl(source))
  for (const { name } of found) log('info', `Adding "${name}" to list of CAs`)
  const certificates = found.map(({ pem }) => pem)
  known.set(source, certificates)
  return certificates
}
