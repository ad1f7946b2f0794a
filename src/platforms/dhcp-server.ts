import { IgnitionError } from '../errors.ts'
import { networkFault } from '../resources/network-fault.ts'
import type { Fetcher } from '../resources/settings.ts'
import { waitFor } from '../system/explained-wait.ts'
import type { System } from '../system/system.ts'
import { readMetadata } from './metadata.ts'
import type { Answer, LeaseSource } from './source.ts'

/** Leases of systemd-networkd, by interface number; `networkctl` reads them too. */
const leases = '/run/systemd/netif/leases'

const lookEverySeconds = 0.5

/** Waits for a DHCP lease and asks the server that gave it. */
export async function readFromDhcpServer(options: {
  readonly system: System
  readonly fetcher: Fetcher
  readonly source: LeaseSource
  readonly platform: string
  readonly signal?: AbortSignal | undefined
}): Promise<Answer> {
  const { system, source, signal } = options
  const server = await waitFor(system, {
    owner: 'DHCP lease',
    what: `a DHCP lease of systemd-networkd in ${leases}`,
    seconds: undefined,
    look: () => findServer(system),
    everySeconds: lookEverySeconds,
    signal,
    found: () => networkFault(system.files) ?? 'there is none yet',
  })
  return readMetadata({ ...options, source: { kind: 'http', url: `http://${server}${source.path}` } })
}

/** Address of the server that gave the first lease. Throws `FL_CONFIG_UNREADABLE` when the lease has none. */
function findServer({ files }: System): string | undefined {
  const [lease] =
    files.stat(leases) === undefined ? [] : files.list(leases).filter((name) => /^\d+$/.test(name))
  if (lease === undefined) return undefined
  const path = `${leases}/${lease}`
  const server = /^SERVER_ADDRESS=([\d.]+)$/m.exec(files.readText(path))?.[1]
  if (server !== undefined) return server
  throw new IgnitionError({
    code: 'FL_CONFIG_UNREADABLE',
    message: `the DHCP lease "${path}" does not name its server (SERVER_ADDRESS)`,
  })
}
