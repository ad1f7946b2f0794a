import { createHash } from 'node:crypto'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { FetchSettings } from '../../src/resources/settings.ts'
import { type FakeOptions, type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'

/** A fetcher on a System in memory. */
export function startFetcher(options: FakeOptions & { offline?: boolean } = {}) {
  const system = fakeSystem(options)
  return { system, fetcher: createFetcher({ system, offline: options.offline ?? false }) }
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
