import type { System } from '../system/system.ts'
import type { HttpSource, InterfacesSource } from './source.ts'

/** Addresses, one a line: address, interface number, prefix length, scope, flags, name; `man 5 proc_net`. */
const addresses = '/proc/net/if_inet6'

/** Flags of an interface: `linux/if.h`. */
const IFF_UP = 0x1
const IFF_LOOPBACK = 0x8

/** The service once for every interface that is up and has an IPv6 address. */
export function interfaceSources(system: System, { address, path }: InterfacesSource): readonly HttpSource[] {
  return interfacesWithIpv6(system).map((name) => ({
    kind: 'http',
    url: `http://[${address}%25${name}]${path}`,
  }))
}

function interfacesWithIpv6({ files }: System): readonly string[] {
  if (files.stat(addresses) === undefined) return []
  const names = files
    .readText(addresses)
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[5] ?? [])
  return [...new Set(names)].filter((name) => {
    const path = `/sys/class/net/${name}/flags`
    if (files.stat(path) === undefined) return false
    const flags = Number(files.readText(path).trim())
    return (flags & IFF_UP) !== 0 && (flags & IFF_LOOPBACK) === 0
  })
}
