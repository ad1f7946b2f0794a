import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { reveal } from '../secret.ts'
import type { HttpRequest, HttpResponse } from './network.ts'

type Headers = HttpRequest['headers']

/** Headers that undici wants to write itself and refuses as input; a config may set them all the same. */
const refusedNames = ['keep-alive', 'upgrade', 'expect', 'connection']

const isRefused = ([name]: Headers[number]) => refusedNames.includes(name.toLowerCase())
const isHost = ([name]: Headers[number]) => name.toLowerCase() === 'host'

/** Whether the connection is to be closed after the answer. */
export const asksToClose = (headers: Headers): boolean =>
  headers.some(
    ([name, value]) => name.toLowerCase() === 'connection' && reveal(value).toLowerCase() === 'close',
  )

/**
 * Starts an undici request with exactly the headers given, `Host` from the URL's authority unless it is among them.
 * Those that undici refuses are added by its diagnostics channel, which hands out each request with its list of
 * headers before it is sent. `start` makes its request before it returns, so the subscriber sees no other one.
 */
export function withHeaders<T>(headers: Headers, authority: string, start: (accepted: string[]) => T): T {
  const host = reveal(headers.find(isHost)?.[1] ?? authority)
  const accepted = flatten(headers.filter((header) => !isHost(header) && !isRefused(header)))
  const refused = flatten(headers.filter(isRefused))
  const add = (message: unknown) => {
    const { request } = message as { request: { headers: string[] } }
    request.headers.push(...refused)
  }
  if (refused.length > 0) subscribe('undici:request:create', add)
  try {
    return start(['Host', host, ...accepted])
  } finally {
    unsubscribe('undici:request:create', add)
  }
}

/** Values go out as UTF-8; undici writes one byte for each character. */
const flatten = (headers: Headers) =>
  headers.flatMap(([name, value]) => [name, Buffer.from(reveal(value)).toString('latin1')])

/** Names to values, as undici has them: a list when a header was sent more than once. */
export function joinHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HttpResponse['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
    ),
  )
}
