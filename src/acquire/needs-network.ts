import { IgnitionError } from '../errors.ts'
import { needsNetwork } from '../resources/schemes.ts'
import type { Config } from '../spec/config.ts'
import { makeParents } from '../state-file.ts'
import type { System } from '../system/system.ts'

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

/** The flag that the distribution's network unit waits for. */
export function askForNetwork(system: System, path: string): void {
  try {
    makeParents(system, path, 0o755)
    system.files.write(path, '', { mode: 0o644 })
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_FILE',
      message: `cannot create "${path}" to ask for the network`,
      cause,
    })
  }
}
