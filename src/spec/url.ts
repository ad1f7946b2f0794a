import { findBrokenEscape, percentDecode } from './percent.ts'

/** A URL cut into parts, percent escapes left as they are. */
export interface ParsedUrl {
  /** Lower case; empty when there is none. */
  readonly scheme: string
  /** What follows the scheme when that is not a slash: `arn:…`, `data:…`. */
  readonly opaque: string | undefined
  /** User and host between `//` and the next slash. */
  readonly authority: string
  readonly path: string
  /** Behind the first question mark; never checked. */
  readonly query: string
}

/**
 * Parses a URL as Go's net/url does, which takes more than the WHATWG parser (spaces in paths, ports beyond 65535,
 * empty hosts) and other things less. Undefined when it is not a URL.
 */
export function parseUrl(text: string): ParsedUrl | undefined {
  const [url, fragment] = cut(text, '#')
  // Control characters, written as what is not one.
  if (/[^ -~\u0080-\uffff]/.test(url)) return undefined
  if (!escapesAreWhole(fragment)) return undefined
  if (url === '*') return { scheme: '', opaque: undefined, authority: '', path: '*', query: '' }
  const split = splitScheme(url)
  if (split === undefined) return undefined
  const [beforeQuery, query] = cut(split.rest, '?')
  return parseHierarchy(split.scheme, beforeQuery, query)
}

function parseHierarchy(scheme: string, rest: string, query: string): ParsedUrl | undefined {
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, opaque: rest, authority: '', path: '', query }
    if (/^[^/]*:/.test(rest)) return undefined
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))
  const pathStart = hasAuthority ? rest.indexOf('/', 2) : 0
  const authority = hasAuthority ? rest.slice(2, pathStart < 0 ? undefined : pathStart) : ''
  const path = pathStart < 0 ? '' : rest.slice(pathStart)
  if (hasAuthority && !isAuthority(authority)) return undefined
  if (!escapesAreWhole(path)) return undefined
  return { scheme, opaque: undefined, authority, path, query }
}

/** The first value of a key in a query, as it stands decoded; undefined when the key is not there. */
export function firstQueryValue(query: string, name: string): string | undefined {
  for (const piece of query.split('&')) {
    if (piece.includes(';') || !escapesAreWhole(piece)) continue
    const [key, value] = cut(piece, '=')
    if (decoded(key) === name) return decoded(value)
  }
  return undefined
}

const decoder = new TextDecoder()

const decoded = (text: string): string =>
  /[%+]/.test(text) ? decoder.decode(percentDecode(text.replaceAll('+', ' '))) : text

function splitScheme(url: string): { readonly scheme: string; readonly rest: string } | undefined {
  if (url.startsWith(':')) return undefined
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]
  if (scheme === undefined) return { scheme: '', rest: url }
  return { scheme: scheme.toLowerCase(), rest: url.slice(scheme.length + 1) }
}

const escapesAreWhole = (text: string): boolean => findBrokenEscape(text) < 0

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  const user = authority.slice(0, Math.max(at, 0))
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || !escapesAreWhole(user)) return false
  return isHost(authority.slice(at + 1))
}

function isHost(host: string): boolean {
  const bracket = host.lastIndexOf('[')
  if (bracket >= 0) return bracket === 0 && isBracketedHost(host)
  const colon = host.lastIndexOf(':')
  return (colon < 0 || isOptionalPort(host.slice(colon))) && isHostText(host)
}

const isOptionalPort = (text: string): boolean => /^(:[0-9]*)?$/.test(text)

const hostLiteral = /^[A-Za-z0-9\-_.~!"$&'()*+,;=:[\]<>]$/

/** Only bytes that are not ASCII may be escaped, and the percent sign itself. */
function isHostText(text: string): boolean {
  if (!escapesAreWhole(text)) return false
  const rest = text.replace(/%([89A-Fa-f][0-9A-Fa-f]|25)/g, '')
  return /^[A-Za-z0-9\-_.~!"$&'()*+,;=:[\]<>\u0080-\uffff]*$/.test(rest)
}

function isBracketedHost(host: string): boolean {
  const end = host.lastIndexOf(']')
  if (end < 0 || !isOptionalPort(host.slice(end + 1))) return false
  const inside = host.slice(1, end)
  const zoneStart = inside.indexOf('%25')
  const address = zoneStart < 0 ? inside : inside.slice(0, zoneStart)
  const zone = zoneStart < 0 ? '' : inside.slice(zoneStart)
  if (!isHostText(address) || !isZoneText(zone)) return false
  // A bare `%25` is an empty zone.
  return zone !== '%25' && isIpv6Address(address)
}

/** Besides literal characters a zone may hold `%25`, `%20` and escapes of characters that could stand there plain. */
function isZoneText(zone: string): boolean {
  if (!escapesAreWhole(zone)) return false
  const rest = zone.replace(/%([0-9A-Fa-f]{2})/g, (sequence, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return character === '%' || character === ' ' || hostLiteral.test(character) ? '' : sequence
  })
  return /^[A-Za-z0-9\-_.~!"$&'()*+,;=:[\]<>\u0080-\uffff]*$/.test(rest)
}

/** RFC 4291 text form without a zone, also with an IPv4 address as its tail. */
function isIpv6Address(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const tail = groups.at(-1)
  const hasIpv4Tail = tail?.includes('.') === true && !text.endsWith('::')
  const plain = hasIpv4Tail ? groups.slice(0, -1) : groups
  if (hasIpv4Tail && (!isIpv4Address(tail) || !text.includes(':'))) return false
  if (!plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  const count = plain.length + (hasIpv4Tail ? 2 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}

const isIpv4Address = (text: string): boolean =>
  /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$/.test(text) &&
  text.split('.').every((part) => Number(part) <= 255)

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
