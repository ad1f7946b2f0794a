import type { RemoteInfo } from 'node:dgram'
import { refuseLinkLocal } from './link-local.ts'
import type { Datagram, UdpSocket } from './network.ts'

/** A UDP socket for one host, whose name is resolved once. */
export async function openUdpSocket(host: string, options: { allowLinkLocal: boolean }): Promise<UdpSocket> {
  const [dns, dgram] = await Promise.all([import('node:dns/promises'), import('node:dgram')])
  if (!options.allowLinkLocal) refuseLinkLocal(host)
  const { address, family } = await dns.lookup(host)
  if (!options.allowLinkLocal) refuseLinkLocal(host, address)
  const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4')
  const waiting = new Set<(datagram: Datagram) => void>()
  const queue: Datagram[] = []
  // Errors of a datagram that was sent (nobody listens) come here; the answer that stays away says it.
  socket.on('error', () => undefined)
  socket.on('message', (data, from: RemoteInfo) => {
    if (!isFrom(from, address)) return
    const datagram = { data, port: from.port }
    const [deliver] = waiting
    if (deliver) deliver(datagram)
    else queue.push(datagram)
  })
  return {
    send: async ({ data, port }) =>
      new Promise((resolve, reject) => {
        socket.send(data, port, address, (error) => (error ? reject(error) : resolve()))
      }),
    receive: async (timeoutMilliseconds) =>
      queue.shift() ??
      new Promise((resolve) => {
        const settle = (datagram?: Datagram) => {
          clearTimeout(timer)
          waiting.delete(settle)
          resolve(datagram)
        }
        const timer = setTimeout(() => settle(), timeoutMilliseconds)
        waiting.add(settle)
      }),
    close: () => void socket.close(),
  }
}

/** Addresses are compared without the zone that the system appends to link-local ones. */
function isFrom(from: RemoteInfo, address: string): boolean {
  return from.address.split('%')[0] === address.split('%')[0]
}
