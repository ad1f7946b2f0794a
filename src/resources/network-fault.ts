import type { Files } from '../system/system.ts'
import { isLoopback, parseAddress } from './address.ts'

/** Interfaces of the network, a directory each: Documentation/ABI/testing/sysfs-class-net. */
const interfaces = '/sys/class/net'

/** Flags of an interface: `linux/if.h`. */
const IFF_UP = 0x1
const IFF_LOOPBACK = 0x8

/** Flag of a route that leads nowhere: `linux/route.h`. */
const RTF_REJECT = 0x200

/** What an address has to be to reach the host: a name may be of either family. */
type Need = 'IPv4' | 'IPv6' | 'link-local' | 'any'

/**
 * What this machine's network lacks to reach a host, a name or an address, or any at all, in words; undefined when nothing
 * is seen to.
 */
export function networkFault(files: Files, host = ''): string | undefined {
  const [text = ''] = host.split('%')
  const address = parseAddress(text)
  if (text === 'localhost' || (address !== undefined && isLoopback(address))) return undefined
  if (files.stat(interfaces) === undefined) return undefined
  const links = files.list(interfaces).flatMap((name) => linkOf(files, name) ?? [])
  if (links.length === 0)
    return 'this machine has no network interface; is the driver of its network card in the initramfs?'
  const linked = links.filter(({ fault }) => fault === undefined)
  if (linked.length === 0)
    return `no network interface has a link: ${links.map(({ name, fault }) => `${name} ${fault}`).join(', ')}`
  const need = address === undefined ? 'any' : needOf(address, text)
  if (!hasAddress(files, need))
    return `no network interface has ${wanted[need]}; there is a link on ${linked.map(({ name }) => name).join(', ')}`
  if (address !== undefined && !hasRoute(files, address, need)) return `there is no route to ${text}`
  return undefined
}

const wanted: Readonly<Record<Need, string>> = {
  IPv4: 'an IPv4 address',
  IPv6: 'an IPv6 address',
  'link-local': 'a link-local IPv6 address',
  any: 'an address',
}

interface Link {
  readonly name: string
  /** Undefined when it has a link. */
  readonly fault: string | undefined
}

/** Undefined for what is no interface, and for the loopback. */
function linkOf(files: Files, name: string): Link | undefined {
  const flags = read(files, `${interfaces}/${name}/flags`)
  if (flags === undefined || (Number(flags) & IFF_LOOPBACK) !== 0) return undefined
  if ((Number(flags) & IFF_UP) === 0) return { name, fault: 'is down' }
  const hasCarrier = read(files, `${interfaces}/${name}/carrier`) !== '0'
  return { name, fault: hasCarrier ? undefined : 'has no carrier' }
}

/** Undefined when it is not there, and when the kernel refuses: it has no carrier to tell of an interface that is down. */
function read(files: Files, path: string): string | undefined {
  try {
    return files.readText(path).trim()
  } catch {
    return undefined
  }
}

function needOf(address: bigint, text: string): Need {
  if (!text.includes(':')) return 'IPv4'
  return address >> 118n === 0xfe80n >> 6n ? 'link-local' : 'IPv6'
}

function hasAddress(files: Files, need: Need): boolean {
  const own4 = lines(files, '/proc/net/fib_trie').some(
    (line, index, all) => /\/32 host LOCAL/.test(line) && !/\|-- 127\./.test(all[index - 1] ?? ''),
  )
  // address, interface number, prefix length, scope, flags, name: `man 5 proc_net`
  const scopes = lines(files, '/proc/net/if_inet6').map((line) => line.trim().split(/\s+/)[3])
  const hasScope = (scope: string) => scopes.includes(scope)
  switch (need) {
    case 'IPv4':
      return own4
    case 'IPv6':
      return hasScope('00')
    case 'link-local':
      return hasScope('20')
    case 'any':
      return own4 || hasScope('00')
  }
}

const lines = (files: Files, path: string): readonly string[] => (read(files, path) ?? '').split('\n')

function hasRoute(files: Files, address: bigint, need: Need): boolean {
  // every interface with IPv6 has the route to its own link
  if (need === 'link-local') return true
  const routes = need === 'IPv4' ? routes4(files) : routes6(files)
  return routes.some(
    ({ to, length, flags }) =>
      (flags & RTF_REJECT) === 0 && address >> BigInt(128 - length) === to >> BigInt(128 - length),
  )
}

interface Route {
  readonly to: bigint
  /** Of 128 bits: IPv4 counts as its mapped IPv6 address. */
  readonly length: number
  readonly flags: number
}

/** Interface, destination, gateway, flags, three numbers, mask: addresses as numbers of the processor's byte order. */
function routes4(files: Files): readonly Route[] {
  return lines(files, '/proc/net/route')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , flags = '', , , , mask = ''] = line.trim().split(/\s+/)
      const [to, ones] = [ipv4Of(destination), bitsOf(mask)]
      return to === undefined ? [] : [{ to, length: 96 + ones, flags: Number.parseInt(flags, 16) }]
    })
}

function ipv4Of(hex: string): bigint | undefined {
  if (!/^[\da-f]{8}$/i.test(hex)) return undefined
  return parseAddress([...numberBytes(hex)].join('.'))
}

const bitsOf = (hex: string): number => Number.parseInt(hex, 16).toString(2).replaceAll('0', '').length

/** Bytes of a number in memory, as this processor has them. */
const numberBytes = (hex: string): Uint8Array =>
  new Uint8Array(Uint32Array.of(Number.parseInt(hex, 16)).buffer)

/** Destination, its length, source, its length, next hop, three numbers, flags, interface. */
function routes6(files: Files): readonly Route[] {
  return lines(files, '/proc/net/ipv6_route').flatMap((line) => {
    const [to = '', length = '', , , , , , , flags = ''] = line.trim().split(/\s+/)
    if (!/^[\da-f]{32}$/i.test(to)) return []
    return [{ to: BigInt(`0x${to}`), length: Number.parseInt(length, 16), flags: Number.parseInt(flags, 16) }]
  })
}
