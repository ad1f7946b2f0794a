import { readDataUrl } from '../data-url.ts'
import { firstQueryValue, type ParsedUrl, parseUrl } from '../url.ts'
import type { RuleId } from './catalogue.ts'
import type { Scope } from './check.ts'

/** Which rule the source of a resource breaks; undefined when none. */
export function findSourceFault(source: string, scope: Scope): RuleId | undefined {
  if (isPlainDataUrl(source)) return undefined
  const url = parseUrl(source)
  if (url === undefined) return 'URL-PARSE'
  switch (url.scheme) {
    case 'http':
    case 'https':
    case 'tftp':
      return undefined
    case 's3':
      return findVersionFault(url)
    case 'gs':
      return scope.since('3.2.0') ? undefined : 'URL-SCHEME'
    case 'arn':
      return scope.since('3.4.0') ? findArnFault(url) : 'URL-SCHEME'
    case 'data': {
      const data = readDataUrl(source)
      return data.kind === 'fault' ? data.rule : undefined
    }
    default:
      return 'URL-SCHEME'
  }
}

/** Whether it is a right data URL in which nothing could trouble the parser of URLs. Most sources are. */
const isPlainDataUrl = (source: string): boolean =>
  source.startsWith('data:') &&
  !/["#]/.test(source.slice(0, source.indexOf(','))) &&
  readDataUrl(source).kind === 'data'

const findVersionFault = ({ query }: ParsedUrl): RuleId | undefined =>
  firstQueryValue(query, 'versionId') === '' ? 'URL-S3-VERSIONID' : undefined

/** `arn:partition:s3:region:account:resource`, the resource being `bucket/key` or `accesspoint/name/key`. */
function findArnFault(url: ParsedUrl): RuleId | undefined {
  const arn = `arn:${url.opaque ?? ''}`
  const fields = arn.split(':')
  const resource = fields.slice(5).join(':')
  const piecesNeeded = resource.startsWith('accesspoint/') ? 3 : 2
  if (fields.length < 6 || fields[2] !== 's3' || arn.split('/').length < piecesNeeded) return 'URL-ARN'
  return findVersionFault(url)
}

/** Whether a URL is one for http or https; undefined when it is not a URL. */
export function isWebUrl(text: string): boolean | undefined {
  const url = parseUrl(text)
  return url === undefined ? undefined : url.scheme === 'http' || url.scheme === 'https'
}
