import type { FetchSettings } from '../resources/settings.ts'
import type { Config } from '../spec/config.ts'

/** How a config wants things fetched. */
export const settingsOf = (config: Config): FetchSettings => ({
  timeouts: config.ignition.timeouts,
  certificateAuthorities: config.ignition.security.tls.certificateAuthorities,
  proxy: config.ignition.proxy,
})
