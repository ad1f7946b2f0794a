import { IgnitionError } from '../errors.ts'
import { needsNetwork } from '../resources/schemes.ts'
import { sourceOf } from '../resources/source-of.ts'
import { isSet } from '../secret.ts'
import type { Resource } from '../section.ts'
import type { Config } from '../spec/config.ts'
import { makeParents } from '../state-file.ts'
import type { System } from '../system/system.ts'

/**
 * Whether provisioning a config needs the network: a resource that is not a data URL, a Tang server without an
 * advertisement, a custom Clevis pin that says so.
 */
export function configNeedsNetwork(config: Config): boolean {
  return (
    resources(config).some((resource) => needsNetwork(sourceOf(resource))) ||
    config.storage.luks.some(
      ({ clevis }) =>
        clevis.custom.needsNetwork === true || clevis.tang.some(({ advertisement }) => !isSet(advertisement)),
    )
  )
}

function resources(config: Config): readonly Resource[] {
  const { config: references, security } = config.ignition
  return [
    references.replace,
    ...references.merge,
    ...security.tls.certificateAuthorities,
    ...config.storage.files.flatMap((file) => [file.contents, ...file.append]),
    ...config.storage.luks.map((volume) => volume.keyFile),
  ]
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
