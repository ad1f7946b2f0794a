import { isSet } from '../secret.ts'
import type { ConfigProxy } from '../spec/config.ts'
import { isLoopback, parseAddress, parseRange } from './address.ts'

/** Where a request goes, as far as the choice of a proxy depends on it. */
interface Destination {
  readonly secure: boolean
  /** Name or address in lower case, without brackets and zone. */
  readonly host: string
  readonly port: string
}

/** The proxy for a URL by `ignition.proxy`; undefined is a direct connection. No other setting has a say. */
export function selectProxy(
  url: string,
  { httpProxy, httpsProxy, noProxy }: ConfigProxy,
): string | undefined {
  const destination = destinationOf(url)
  if (!destination) return undefined
  const proxy = destination.secure ? httpsProxy : httpProxy
  if (!isSet(proxy)) return undefined
  return isDirect(destination, noProxy) ? undefined : withScheme(proxy.reveal())
}

/** `proxy:3128` means the same as `http://proxy:3128`. */
const withScheme = (proxy: string) => (/^[a-z][a-z\d+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`)

const pattern = /^(https?):\/\/(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#]*)(?::(\d*))?(?:[/?#]|$)/i

function destinationOf(url: string): Destination | undefined {
  const [, scheme = '', host = '', port] = pattern.exec(url) ?? []
  if (host === '') return undefined
  const secure = scheme.toLowerCase() === 'https'
  const [name = ''] = host.replace(/^\[|\]$/g, '').split('%')
  return { secure, host: name.toLowerCase(), port: port || (secure ? '443' : '80') }
}

function isDirect({ host, port }: Destination, noProxy: readonly string[]): boolean {
  const address = parseAddress(host)
  if (host === 'localhost' || (address !== undefined && isLoopback(address))) return true
  const entries = noProxy.flatMap((entry) => entry.split(',')).map((entry) => entry.trim().toLowerCase())
  return entries.some((entry) => entry !== '' && matches(entry, { host, port, address }))
}

interface Candidate {
  readonly host: string
  readonly port: string
  readonly address: bigint | undefined
}

/**
 * One entry of `noProxy`: `*`, a range, an address or a domain, the last two with an optional port. A domain means
 * itself and what is below it; with a leading `.` or `*.` only what is below it.
 */
function matches(entry: string, { host, port, address }: Candidate): boolean {
  if (entry === '*') return true
  const isInRange = parseRange(entry)
  if (isInRange) return address !== undefined && isInRange(address)
  const { name, onlyPort } = splitPort(entry)
  if (name === '' || (onlyPort !== undefined && onlyPort !== '' && onlyPort !== port)) return false
  const only = parseAddress(name)
  if (only !== undefined) return address === only
  const domain = name.startsWith('*.') ? name.slice(1) : name
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function splitPort(entry: string): { name: string; onlyPort: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(entry)
  if (bracketed) return { name: bracketed[1] ?? '', onlyPort: bracketed[2] }
  if (parseAddress(entry) !== undefined) return { name: entry, onlyPort: undefined }
  const [name = '', onlyPort] = entry.split(':')
  return { name, onlyPort }
}
