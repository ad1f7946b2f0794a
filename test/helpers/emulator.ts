import type { IncomingMessage, ServerResponse } from 'node:http'
import type { System } from '../../src/system/system.ts'
import { serve } from './server.ts'

/** One question that a platform asks, and the answer recorded for it. */
export interface Exchange {
  readonly request: {
    readonly method: string
    readonly url: string
    /** Headers that must arrive with just this value. */
    readonly headers?: Readonly<Record<string, string>>
  }
  readonly response: { readonly status: number; readonly body?: string }
}

/** How a server answers otherwise than it should. `attempt` counts the times that this was asked, from 1. */
export type Misbehave = (wrong: {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The answer that would be right. */
  readonly right: Exchange['response']
  readonly attempt: number
}) => void

export interface Emulator {
  /** `http://127.0.0.1:40000` */
  readonly origin: string
  /** What came, in order: `GET http://169.254.169.254/x`. */
  readonly asked: string[]
  /** Source port of every request. */
  readonly ports: number[]
}

/** Headers that tell the emulator which address was meant, and that no platform sends. */
const MEANT = 'x-emulated-origin'

/**
 * A metadata service on loopback. It answers what it was told to, when method, address, path and headers are right, and
 * 400 with the reason to anything else.
 */
export async function emulate(
  exchanges: readonly Exchange[],
  misbehaviour: (exchange: Exchange) => Misbehave | undefined = () => undefined,
): Promise<Emulator> {
  const asked: string[] = []
  const ports: number[] = []
  const origin = await serve((request, response) => {
    const url = `${String(request.headers[MEANT])}${request.url}`
    asked.push(`${request.method} ${url}`)
    ports.push(request.socket.remotePort ?? 0)
    const match = exchanges.find((one) => one.request.method === request.method && one.request.url === url)
    const misbehave = match && misbehaviour(match)
    if (misbehave) {
      const attempt = asked.filter((one) => one === `${request.method} ${url}`).length
      misbehave({ request, response, right: match.response, attempt })
      return
    }
    const wrong = Object.entries(match?.request.headers ?? {}).find(
      ([name, value]) => request.headers[name.toLowerCase()] !== value,
    )
    if (match === undefined || wrong !== undefined) {
      response.statusCode = 400
      response.end(match ? `header ${wrong?.[0]} is not right` : `${request.method} ${url} is not known here`)
      return
    }
    respond(response, match.response)
  })
  return { origin, asked, ports }
}

/** The right answer, whole. */
export function respond(response: ServerResponse, { status, body = '' }: Exchange['response']): void {
  response.statusCode = status
  response.end(body)
}

/** The system with every request going to the emulator instead of the address that it names. */
export function redirected(system: System, { origin }: Emulator): System {
  return {
    ...system,
    request(request) {
      // not URL: it knows no zones
      const [, meant = '', rest = ''] = /^(https?:\/\/[^/?]*)(.*)$/.exec(request.url) ?? []
      return system.request({
        ...request,
        url: `${origin}${rest}`,
        headers: [...request.headers, [MEANT, meant]],
      })
    },
    scoped: (prefix) => redirected(system.scoped(prefix), { origin, asked: [], ports: [] }),
    operation: (description, work) =>
      system.operation(description, (inner) => work(redirected(inner, { origin, asked: [], ports: [] }))),
  }
}
