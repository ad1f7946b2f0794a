import type { Fetcher, FetchSettings } from '../resources/settings.ts'
import type { Config } from '../spec/config.ts'
import type { Sourced } from '../spec/origin.ts'
import { inText } from './in-text.ts'

/** Has the fetcher use a config's settings from now on. */
export const configure = (fetcher: Fetcher, sourced: Sourced): Promise<void> =>
  inText(sourced, ['ignition', 'security', 'tls', 'certificateAuthorities'], () =>
    fetcher.configure(settingsOf(sourced.config)),
  )

/** How a config wants things fetched. */
export const settingsOf = (config: Config): FetchSettings => ({
  timeouts: config.ignition.timeouts,
  certificateAuthorities: config.ignition.security.tls.certificateAuthorities,
  proxy: config.ignition.proxy,
})
