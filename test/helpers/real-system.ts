import type { HttpRequest } from '../../src/system/network.ts'
import { createSystem } from '../../src/system/real.ts'
import type { LogLevel, System } from '../../src/system/system.ts'

/** This machine as a System, with its log in a list. */
export function realSystem(environment: Readonly<Record<string, string>> = {}): {
  readonly system: System
  readonly messages: { readonly level: LogLevel; readonly message: string }[]
} {
  const messages: { level: LogLevel; message: string }[] = []
  const system = createSystem({
    log: (level, message) => void messages.push({ level, message }),
    environment,
  })
  return { system, messages }
}

/** A request without anything special. */
export function plainRequest(url: string, rest: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    url,
    headers: [],
    timeouts: { connectSeconds: 5, tlsHandshakeSeconds: 5, responseHeadersSeconds: 5 },
    certificateAuthorities: [],
    ...rest,
  }
}

/** All of a body as text. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
