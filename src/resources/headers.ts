import { IgnitionError } from '../errors.ts'
import { reveal, Secret } from '../secret.ts'
import type { Resource } from '../section.ts'
import { referenceVersion } from '../version.ts'

export type Header = readonly [name: string, value: string | Secret]

/** Newest stable spec version: servers may choose what they send by it. */
const acceptedSpec = '3.6.0'

const userAgent: Header = ['User-Agent', `Ignition/${referenceVersion}`]
const identity: Header = ['Accept-Encoding', 'identity']

const defaults: readonly Header[] = [
  userAgent,
  ['Accept', `application/vnd.coreos.ignition+json;version=${acceptedSpec}, */*;q=0.1`],
  identity,
]

/** Headers of a redirected request: a stranger may serve it, so nothing that the config set goes along. */
export const redirectedHeaders: readonly Header[] = [userAgent, identity]

/** Written by the transport from the URL and the body; a config's own are dropped, as the reference does. */
const transportHeaders = ['Host', 'Content-Length', 'Transfer-Encoding', 'Trailer']

/**
 * What to send: the defaults, replaced by the given headers by name in any case; of several with one name the last.
 * Whatever is given may be a secret, and is one.
 * Throws `FL_CONFIG_INVALID` for a header without name or value.
 */
export function requestHeaders(given: NonNullable<Resource['httpHeaders']>, url: string): readonly Header[] {
  const headers = new Map<string, string | Secret>([...defaults, ...credentialsOf(url)])
  for (const { name, value } of given) {
    const text = reveal(value ?? '')
    check(name, text)
    const canonical = canonicalName(name)
    if (!transportHeaders.includes(canonical)) headers.set(canonical, new Secret(text))
  }
  return [...headers]
}

/** Basic authorization from the user name and password of a URL. */
export function credentialsOf(url: string): readonly Header[] {
  const userinfo = /^https?:\/\/([^/?#]*)@/i.exec(url)?.[1]
  if (userinfo === undefined) return []
  const [user = '', ...password] = userinfo.split(':')
  const text = `${decode(user)}:${decode(password.join(':'))}`
  return [['Authorization', new Secret(`Basic ${Buffer.from(text).toString('base64')}`)]]
}

/** `x-auth-token` → `X-Auth-Token`. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}

/** `token` of RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/

function check(name: string, value: string): void {
  const fault =
    name === ''
      ? 'has no name'
      : !token.test(name)
        ? 'has characters in its name that HTTP does not allow'
        : value === ''
          ? 'has no value'
          : hasControlCharacter(value)
            ? 'has control characters in its value'
            : undefined
  if (fault !== undefined)
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `HTTP header ${JSON.stringify(name)} ${fault}`,
    })
}

function hasControlCharacter(value: string): boolean {
  return Array.from(value).some(
    (character) => (character < ' ' && character !== '\t') || character === '\u007f',
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
