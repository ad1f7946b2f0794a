import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Identity } from './certificate.ts'

/** A real server on a free loopback port until the test is over. Returns its origin: `http://127.0.0.1:40000`. */
export async function serve(listener: RequestListener, identity?: Identity): Promise<string> {
  const server = identity
    ? createSecureServer({ cert: identity.certificate, key: identity.key }, listener)
    : createServer({ keepAliveTimeout: 1000 }, listener)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = await listen(server)
  return `${identity ? 'https' : 'http'}://127.0.0.1:${port}`
}

/** Listens on a free loopback port and returns it. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
