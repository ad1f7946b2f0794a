import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface Signed {
  readonly method: string
  readonly host: string
  /** Path and query as they came. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * What is wrong with a request's signature, as Amazon S3 checks it; undefined when nothing is:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureFault(
  request: Signed,
  { secret, region, now }: { readonly secret: string; readonly region: string; readonly now: Date },
): string | undefined {
  const { authorization = '', 'x-amz-date': date = '' } = request.headers as Record<string, string>
  const [, day = '', scoped = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/(.+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=([\da-f]{64})$/.exec(
      authorization,
    ) ?? []
  if (signature === undefined) return 'MissingSecurityHeader'
  if (scoped !== region) return 'AuthorizationHeaderMalformed'
  const signed = names.split(';')
  for (const needed of ['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'])
    if (!signed.includes(needed)) return `SignatureDoesNotMatch: ${needed} is not signed`
  const at = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(at - now.getTime()) < 15 * 60 * 1000) || !date.startsWith(day)) return 'RequestTimeTooSkewed'
  const [path = '', query = ''] = request.url.split('?')
  const canonical = [
    request.method,
    path,
    query.split('&').toSorted().join('&'),
    ...signed.map(
      (name) => `${name}:${name === 'host' ? request.host : String(request.headers[name]).trim()}`,
    ),
    '',
    names,
    String(request.headers['x-amz-content-sha256']),
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
  return hmac(key, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}
