import { IgnitionError } from '../errors.ts'
import { percentDecode } from '../spec/percent.ts'
import { firstQueryValue } from '../spec/url.ts'

/** An object of Amazon S3 as a URL or an ARN names it. */
export interface S3Address {
  readonly bucket: string
  /** Decoded. */
  readonly key: string
  readonly versionId: string | undefined
  /** Region of the bucket when the address says it: only those of access points do. */
  readonly region: string | undefined
  /** Region whose endpoint is asked for the bucket's region; undefined when the address gives no hint. */
  readonly hint: string | undefined
  /** Name and account of an access point, which is asked instead of the bucket. */
  readonly accessPoint: string | undefined
}

/** The region that knows the others of its partition: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitionHints: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** Beginning of a region → domain of its services; all other regions are in `amazonaws.com`. */
const partitionDomains: readonly (readonly [prefix: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eusc-', 'amazonaws.eu'],
]

/** Takes `s3://bucket/key` apart, or `arn:partition:s3:region:account:…`. Throws `FL_CONFIG_INVALID` when it is none. */
export function parseS3Address(source: string): S3Address {
  const [withoutFragment = ''] = source.split('#')
  const mark = withoutFragment.indexOf('?')
  const path = mark < 0 ? withoutFragment : withoutFragment.slice(0, mark)
  const query = mark < 0 ? '' : withoutFragment.slice(mark + 1)
  const versionId = firstQueryValue(query, 'versionId')
  return /^arn:/i.test(path) ? parseArn(path, versionId) : parseUrl(path, versionId)
}

function parseUrl(path: string, versionId: string | undefined): S3Address {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/*(.*)$/is.exec(path) ?? []
  const decoded = new TextDecoder().decode(percentDecode(key))
  if (bucket === '' || decoded === '') throw invalid(path)
  return { bucket, key: decoded, versionId, region: undefined, hint: undefined, accessPoint: undefined }
}

/** The key of an ARN is taken as it stands, escapes too. */
function parseArn(arn: string, versionId: string | undefined): S3Address {
  const [, partition = '', service, region = '', account = '', ...rest] = arn.split(':')
  const resource = rest.join(':')
  if (service !== 's3') throw invalid(arn)
  const [, name = '', key = ''] = /^accesspoint\/([^/]+)\/object\/(.+)$/s.exec(resource) ?? []
  if (name !== '' && region !== '' && account !== '') {
    const bucket = arn.slice(0, arn.indexOf('/object/'))
    return { bucket, key, versionId, region, hint: undefined, accessPoint: `${name}-${account}` }
  }
  const slash = resource.indexOf('/')
  const bucket = resource.slice(0, Math.max(slash, 0))
  const rawKey = resource.slice(slash + 1)
  if (bucket === '' || rawKey === '' || bucket === 'accesspoint') throw invalid(arn)
  const hint = partitionHints[partition]
  return { bucket, key: rawKey, versionId, region: undefined, hint, accessPoint: undefined }
}

const invalid = (source: string) =>
  new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `${source}: invalid S3 address: it is s3://BUCKET/KEY, arn:PARTITION:s3:::BUCKET/KEY or arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME/object/KEY`,
  })

const domainOf = (region: string): string =>
  partitionDomains.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'

/** URL that tells in which region a bucket is, whatever it answers. */
export function bucketUrl(bucket: string, region: string): string {
  const domain = `s3.${region}.${domainOf(region)}`
  return isHostLabel(bucket) ? `https://${bucket}.${domain}/` : `https://${domain}/${percentEncode(bucket)}`
}

/** URL of an object, on the endpoint that has IPv6 too. */
export function objectUrl({ bucket, key, versionId, accessPoint }: S3Address, region: string): string {
  const query =
    versionId === undefined || versionId === '' ? '' : `?versionId=${encodeURIComponent(versionId)}`
  const domain = `dualstack.${region}.${domainOf(region)}`
  const path = `${percentEncode(key)}${query}`
  if (accessPoint !== undefined) return `https://${accessPoint}.s3-accesspoint.${domain}/${path}`
  return isHostLabel(bucket)
    ? `https://${bucket}.s3.${domain}/${path}`
    : `https://s3.${domain}/${percentEncode(bucket)}/${path}`
}

/** Whether a bucket's name can stand before the domain: a name with dots fits no certificate. */
const isHostLabel = (bucket: string): boolean => /^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(bucket)

/** Percent-encodes all but unreserved characters and slashes: SigV4 is of the path in just this form. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
