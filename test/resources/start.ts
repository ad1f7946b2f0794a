import { createHash } from 'node:crypto'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { FetchSettings } from '../../src/resources/settings.ts'
import { type FakeOptions, type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'

/** A fetcher on a System in memory. `pauses` are the milliseconds between its requests. */
export function startFetcher({ offline = false, ...options }: FakeOptions & { offline?: boolean } = {}) {
  const times: number[] = []
  const { server } = options
  const system: FakeSystem = fakeSystem({
    ...options,
    ...(server && {
      server(request, attempt) {
        times.push(system.monotonic())
        return server(request, attempt)
      },
    }),
  })
  const pauses = () => times.slice(1).map((time, index) => time - (times[index] ?? 0))
  return { system, fetcher: createFetcher({ system, offline }), pauses }
}

export const plainSettings: FetchSettings = {
  timeouts: {},
  certificateAuthorities: [],
  proxy: { noProxy: [] },
}

export const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

/** As a config's `verification.hash`. */
export const hashOf = (data: string | Uint8Array, algorithm = 'sha512') =>
  `${algorithm}-${createHash(algorithm).update(data).digest('hex')}`

export const logOf = ({ messages }: FakeSystem) => messages.map(({ level, message }) => `${level} ${message}`)
