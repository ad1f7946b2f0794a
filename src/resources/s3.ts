import { IgnitionError } from '../errors.ts'
import type { HttpResponse } from '../system/network.ts'
import type { System } from '../system/system.ts'
import type { AwsIdentity } from './ec2.ts'
import { fetchHttp, type HttpFetch } from './http.ts'
import { bucketUrl, objectUrl, parseS3Address, type S3Address } from './s3-address.ts'
import { createServerClock, type ServerClock } from './server-clock.ts'
import type { Connection } from './settings.ts'
import { withinTime } from './within-time.ts'

export interface S3Fetch {
  readonly system: System
  readonly connection: Connection
  readonly url: string
  /** Who the machine is to Amazon; without it every bucket has to be public. */
  readonly identity: AwsIdentity | undefined
  /** Bucket → region, for the life of the process. */
  readonly regions: Map<string, string>
  readonly proven: boolean
  readonly onResponse: HttpFetch['onResponse']
  readonly write: (chunk: Uint8Array) => Promise<void>
  readonly signal: AbortSignal | undefined
}

/** Where buckets are looked for when nothing says more. */
const defaultRegion = 'us-east-1'

/** Fetches an object of Amazon S3: signed with the instance's role where it has one, else as anybody. */
export async function fetchS3(fetch: S3Fetch): Promise<void> {
  const { system, connection, url, signal } = fetch
  const address = parseS3Address(url)
  const seconds = connection.totalSeconds
  const late = (cause: unknown) =>
    new IgnitionError({
      code: 'FL_FETCH_TIMEOUT',
      message: `${naming(address)}: unable to fetch resource in time (${seconds} s)`,
      cause,
    })
  await withinTime({ system, seconds, late, signal }, async (ends) => {
    // one limit around all requests
    const bounded = { ...fetch, connection: { ...connection, totalSeconds: 0 }, signal: ends }
    try {
      await download(bounded, address)
    } catch (cause) {
      if (!(cause instanceof IgnitionError) || ends?.aborted === true) throw cause
      throw new IgnitionError({ code: cause.code, message: `${naming(address)}: ${cause.message}`, cause })
    }
  })
}

const naming = ({ key, bucket }: S3Address) => `error fetching object "${key}" from bucket "${bucket}"`

async function download(fetch: S3Fetch, address: S3Address): Promise<void> {
  const clock = createServerClock(fetch.system)
  const region = address.region ?? (await regionOf(fetch, address, clock))
  const url = objectUrl(address, region)
  const role = await fetch.identity?.credentials()
  if (role === undefined || role.kind === 'none') {
    try {
      return await get(fetch, { url, clock })
    } catch (cause) {
      if (role === undefined || !(cause instanceof IgnitionError)) throw cause
      const message = `${cause.message}; it was asked for as anybody because ${role.reason}`
      throw new IgnitionError({ code: cause.code, message, cause })
    }
  }
  const { signS3 } = await import('./sign-s3.ts')
  const sign = async () => signS3({ url, region, credentials: role.credentials, now: clock.now() })
  const skewBefore = clock.skewMilliseconds()
  try {
    await get(fetch, { url, clock, sign })
  } catch (cause) {
    // Refused with a wrong time, which the answer has corrected.
    if (Math.abs(clock.skewMilliseconds() - skewBefore) < toleratedSkew || fetch.signal?.aborted === true)
      throw cause
    await get(fetch, { url, clock, sign })
  }
}

/** Milliseconds that Amazon accepts a signature before and after its time. */
const toleratedSkew = 15 * 60 * 1000

async function get(
  { system, connection, proven, onResponse, write, signal }: S3Fetch,
  { url, clock, sign }: { url: string; clock: ServerClock; sign?: NonNullable<HttpFetch['sign']> },
): Promise<void> {
  await fetchHttp({
    system,
    connection,
    method: 'GET',
    url,
    headers: [['Accept-Encoding', 'identity']],
    ...(sign ? { sign } : {}),
    onResponse(response) {
      clock.learn(response)
      onResponse?.(response)
    },
    proven,
    write,
    signal,
  })
}

/** The region that a bucket is in: any answer of any region names it. */
async function regionOf(fetch: S3Fetch, address: S3Address, clock: ServerClock): Promise<string> {
  const { system, connection, regions, identity, signal } = fetch
  const { bucket } = address
  const known = regions.get(bucket)
  if (known !== undefined) return known
  const hint = address.hint ?? (await identity?.region()) ?? defaultRegion
  let answer: Pick<HttpResponse, 'status' | 'headers'> | undefined
  const status = await fetchHttp({
    system,
    connection,
    method: 'HEAD',
    url: bucketUrl(bucket, hint),
    headers: [],
    accept: anyAnswer,
    onResponse(response) {
      clock.learn(response)
      answer = response
    },
    proven: false,
    write: async () => undefined,
    signal,
  })
  const region = answer?.headers['x-amz-bucket-region']
  if (region === undefined || !/^[a-z\d-]+$/.test(region)) throw unknownRegion(bucket, status)
  regions.set(bucket, region)
  system.log('debug', `bucket "${bucket}" is in region ${region}`)
  return region
}

/** Redirects and refusals, which name the region too. */
const anyAnswer = [301, 302, 303, 307, 308, 400, 401, 403, 404, 405]

const unknownRegion = (bucket: string, status: number) =>
  new IgnitionError({
    code: 'FL_FETCH',
    message:
      status === 404
        ? `could not find bucket "${bucket}": bucket not found`
        : `couldn't determine the region for bucket "${bucket}": the answer ${status} does not name it`,
  })
