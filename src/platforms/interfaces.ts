import { waitFor } from '../system/explained-wait.ts'
import type { System } from '../system/system.ts'
import { type MetadataOptions, readMetadata } from './metadata.ts'
import type { Answer, InterfacesSource } from './source.ts'

/** Addresses, one a line: address, interface number, prefix length, scope, flags, name; `man 5 proc_net`. */
const addresses = '/proc/net/if_inet6'

/** Flags of an interface: `linux/if.h`. */
const IFF_UP = 0x1
const IFF_LOOPBACK = 0x8

const lookEverySeconds = 1

/**
 * Asks the service over every interface that is up and has an IPv6 address, also over those that come later, all at once.
 * The first answer decides; a question that fails goes to `dropOut`. Ends with an answer or by the signal.
 */
export async function readOverInterfaces(
  options: Omit<MetadataOptions, 'source'> & {
    readonly source: InterfacesSource
    readonly dropOut: (error: unknown) => void
  },
): Promise<Answer> {
  const { system, source, dropOut } = options
  const { address, path } = source
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  const asked = new Map<string, Promise<void>>()
  const answered = Promise.withResolvers<Answer>()
  const ask = async (name: string): Promise<void> => {
    const url = `http://[${address}%25${name}]${path}`
    await readMetadata({ ...options, signal, source: { kind: 'http', url } }).then(
      answered.resolve,
      (error: unknown) => {
        if (!signal.aborted) dropOut(error)
      },
    )
  }
  const looking = waitFor<never>(system, {
    owner: 'server',
    what: `the metadata service at ${address}`,
    seconds: undefined,
    look() {
      for (const name of interfacesWithIpv6(system)) if (!asked.has(name)) asked.set(name, ask(name))
      return undefined
    },
    everySeconds: lookEverySeconds,
    signal,
    found: () => (asked.size === 0 ? 'no interface has IPv6' : `asking over ${[...asked.keys()].join(', ')}`),
  })
  try {
    // what is looked for is never there: only the signal ends the look
    return await Promise.race([answered.promise, looking.then(async () => answered.promise)])
  } finally {
    ended.abort()
    await Promise.allSettled([looking, ...asked.values()])
  }
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
