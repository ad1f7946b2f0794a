import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import { showUrl } from '../resources/show-url.ts'
import { withinTime } from '../resources/within-time.ts'
import type { System } from '../system/system.ts'

/** Seconds for all attempts together: what a server that is not there may cost a boot. */
export const sendSeconds = 15

/** Statuses besides 200 and 204 by which a server takes a report: created, accepted. */
const taken = [201, 202]

export interface Message {
  readonly url: string
  readonly type: string
  readonly body: string
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
}

/** Sends something to a server, again and again while that may help. Throws after 15 s, or when the server refuses it. */
export async function post(system: System, fetcher: Fetcher, message: Message): Promise<void> {
  const { url, type, body, headers = [] } = message
  const late = (cause: unknown) =>
    new IgnitionError({
      code: 'FL_FETCH_TIMEOUT',
      message: `${showUrl(url)}: no answer within ${sendSeconds} s`,
      cause,
    })
  await withinTime({ system, seconds: sendSeconds, late }, async (signal) =>
    fetcher.ask({
      method: 'POST',
      url,
      headers: [{ name: 'Content-Type', value: type }, ...headers],
      body: Buffer.from(body),
      accept: taken,
      ...(signal ? { signal } : {}),
    }),
  )
}
