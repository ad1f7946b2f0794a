import type { IncomingHttpHeaders } from 'node:http'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { System } from '../../src/system/system.ts'
import { redirected } from './emulator.ts'
import { realSystem } from './real-system.ts'
import { serve } from './server.ts'

/** A request as the cloud gets it: the host is the one that was meant. */
export interface CloudRequest {
  readonly method: string
  readonly host: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

export interface CloudAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** All servers of a cloud on one loopback port, and a machine whose every request goes there. */
export async function startCloud(
  answer: (request: CloudRequest) => CloudAnswer | undefined,
  { platform, machine = {} }: { platform?: string; machine?: Partial<System> } = {},
) {
  const asked: string[] = []
  const origin = await serve((request, response) => {
    const { headers } = request
    const host = String(headers['x-emulated-origin']).replace(/^https?:\/\//, '')
    const method = request.method ?? ''
    const url = request.url ?? ''
    asked.push(`${method} ${String(headers['x-emulated-origin'])}${url}`)
    const given = answer({ method, host, url, headers }) ?? { status: 404 }
    response.writeHead(given.status ?? 200, given.headers)
    response.end(given.body)
  })
  const { system: real, messages } = realSystem()
  const system = redirected({ ...real, ...machine }, { origin, asked: [], ports: [] })
  return { asked, messages, fetcher: createFetcher({ system, offline: false, platform }) }
}
