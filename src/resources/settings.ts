import type { Fetch, Resource } from '../section.ts'
import type { ConfigProxy, ConfigTimeouts } from '../spec/config.ts'
import type { HttpRequest } from '../system/network.ts'

/** How to fetch: what a config says about timeouts, trust and proxies. */
export interface FetchSettings {
  /** Seconds. Without a value: 10 for the headers of a response, no limit for the whole. */
  readonly timeouts: ConfigTimeouts
  /** Trusted besides the system's; an empty list changes nothing. */
  readonly certificateAuthorities: readonly Resource[]
  readonly proxy: ConfigProxy
}

/** A `Fetch` whose settings follow the configs as they are read. */
export interface Fetcher extends Fetch {
  /** Fetches the certificate authorities and uses the settings from now on. */
  configure(settings: FetchSettings): Promise<void>
  /** Whether everything that needs the network is refused. */
  readonly offline: boolean
  /** One request to a cloud's metadata service and its answer, with the retries of any other fetch. */
  ask(question: Question): Promise<Answer>
}

/** A request whose answer may be something else than "here it is". */
export interface Question {
  readonly url: string
  readonly method?: HttpRequest['method']
  readonly headers?: NonNullable<Resource['httpHeaders']>
  readonly body?: Uint8Array
  /** Statuses that are answers, besides 200 and 204: `[404]`. */
  readonly accept?: readonly number[]
  /** Statuses to ask again after, besides those that always are. */
  readonly retry?: readonly number[]
  /** Source port of each request; Scaleway answers only to those below 1024. */
  readonly localPort?: () => number
  /** Ends the fetch, also while it waits between attempts. */
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

/** Settings in force, with nothing left open. */
export interface Connection {
  readonly responseHeadersSeconds: number
  /** For all attempts together; 0 is no limit. */
  readonly totalSeconds: number
  /** PEM, one certificate each. */
  readonly certificateAuthorities: readonly string[]
  readonly proxy: ConfigProxy
}

/** What the reference uses where a config says nothing. */
export const defaultConnection: Connection = {
  responseHeadersSeconds: 10,
  totalSeconds: 0,
  certificateAuthorities: [],
  proxy: { noProxy: [] },
}
