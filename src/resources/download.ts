import { IgnitionError } from '../errors.ts'
import type { Resource } from '../section.ts'
import type { System } from '../system/system.ts'
import { blobUrl } from './azure-blob.ts'
import { describeCause } from './cause.ts'
import { type Header, requestHeaders } from './headers.ts'
import { fetchHttp, type HttpFetch } from './http.ts'
import type { Identities } from './identities.ts'
import type { Connection } from './settings.ts'
import { showUrl } from './show-url.ts'
import { sourceOf } from './source-of.ts'
import { expectedHash, type Intake } from './verify.ts'

/** How a fetch is done: on a System, with the settings of the moment, as whom. */
export interface DownloadWay {
  readonly system: System
  readonly connection: Connection
  readonly identities: Identities
  /** Ends the fetch early. */
  readonly signal?: AbortSignal | undefined
  /** Sees the answers that may have the contents. */
  readonly onResponse?: HttpFetch['onResponse'] | undefined
}

/** The address to ask, and headers that the machine's account adds to those of the config. */
interface Place {
  readonly url: string
  readonly headers: readonly Header[]
}

interface Transfer {
  readonly place?: Place
  readonly resource: Resource
  readonly intake: Intake
}

/** Fetches a resource by http, from Amazon S3 or from Google Cloud Storage. */
export async function download(
  way: DownloadWay,
  { kind, ...what }: Transfer & { readonly kind: 'http' | 's3' | 'gs' },
): Promise<void> {
  switch (kind) {
    case 'http':
      return fetchBlob(way, what)
    case 's3':
      return fetchObject(way, what)
    case 'gs':
      return fetchFromGoogle(way, what)
  }
}

async function transfer(way: DownloadWay, { place, resource, intake }: Transfer) {
  const { httpHeaders = [] } = resource
  const source = sourceOf(resource)
  const { url, headers } = place ?? { url: source, headers: requestHeaders(httpHeaders, source) }
  await fetchHttp({
    system: way.system,
    connection: way.connection,
    method: 'GET',
    url,
    headers,
    proven: expectedHash(resource, showUrl(source)) !== undefined,
    onResponse: way.onResponse,
    write: async (chunk) => intake.write(chunk),
    signal: way.signal,
  })
}

/** On Azure a blob is asked for as the machine first, and as the config says when that does not lead to it. */
async function fetchBlob(way: DownloadWay, { resource, intake }: Transfer): Promise<void> {
  const url = blobUrl(sourceOf(resource))
  const identity = url === undefined ? undefined : await way.identities.azure()
  if (url === undefined || identity === undefined) return transfer(way, { resource, intake })
  let written = false
  const watched: Intake = {
    ...intake,
    write: async (chunk) => {
      written = true
      await intake.write(chunk)
    },
  }
  try {
    await transfer(way, { place: { url, headers: await identity.headers() }, resource, intake: watched })
  } catch (error) {
    if (written || way.signal?.aborted === true) throw error
    way.system.log('info', `not as this machine, so as anybody: ${describeCause(error)}`)
    await transfer(way, { resource, intake })
  }
}

async function fetchFromGoogle(way: DownloadWay, { resource, intake }: Transfer): Promise<void> {
  const { googleUrl } = await import('./gs.ts')
  const url = googleUrl(sourceOf(resource))
  const token = await (await way.identities.google()).token()
  const authorization = token === undefined ? [] : [{ name: 'Authorization', value: `Bearer ${token}` }]
  await transfer(way, { place: { url, headers: requestHeaders(authorization, url) }, resource, intake })
}

async function fetchObject(way: DownloadWay, { resource, intake }: Transfer): Promise<void> {
  const { compression = '' } = resource
  const url = sourceOf(resource)
  if (compression !== '')
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `${showUrl(url)}: compression is not supported with that scheme`,
    })
  const { fetchS3 } = await import('./s3.ts')
  const { system, connection, identities, onResponse, signal } = way
  await fetchS3({
    system,
    connection,
    url,
    identity: await identities.aws(),
    regions: identities.bucketRegions,
    proven: expectedHash(resource, showUrl(url)) !== undefined,
    onResponse,
    write: async (chunk) => intake.write(chunk),
    signal,
  })
}
