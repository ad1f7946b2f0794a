import { needsNetwork } from '../resources/schemes.ts'
import type { Config } from '../spec/config.ts'

/**
 * Whether provisioning a config needs the network: a resource that is not a data URL, a Tang server without an
 * advertisement, a custom Clevis pin that says so.
 */
export function configNeedsNetwork(config: Config): boolean {
  return (
    sources(config).some((source) => source !== undefined && needsNetwork(source)) ||
    config.storage.luks.some(
      ({ clevis }) =>
        clevis.custom.needsNetwork === true ||
        clevis.tang.some(({ advertisement = '' }) => advertisement === ''),
    )
  )
}

function sources(config: Config): readonly (string | undefined)[] {
  const { config: references, security } = config.ignition
  return [
    references.replace,
    ...references.merge,
    ...security.tls.certificateAuthorities,
    ...config.storage.files.flatMap((file) => [file.contents, ...file.append]),
    ...config.storage.luks.map((volume) => volume.keyFile),
  ].map((resource) => resource.source)
}
