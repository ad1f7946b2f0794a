import { IgnitionError } from '../errors.ts'
import { replaceSecret } from '../secret-files.ts'
import type { Config } from '../spec/config.ts'
import { deserializeConfig } from '../spec/deserialize.ts'
import { serializeConfig } from '../spec/serialize.ts'
import type { System } from '../system/system.ts'
import { forgottenMark } from './forget-secrets.ts'

/**
 * Keeps the rendered user config for the later stages and for distributions' hooks, which read it with jq, as root: it
 * has secrets.
 */
export function writeCache(options: { system: System; path: string; config: Config }): void {
  const { system, path, config } = options
  try {
    replaceSecret(system, path, () =>
      system.files.writeDurably(path, serializeConfig(config), { mode: 0o600 }),
    )
  } catch (cause) {
    throw new IgnitionError({ code: 'FL_FILE', message: `cannot write the config cache "${path}"`, cause })
  }
}

export interface CacheOptions {
  readonly system: System
  readonly path: string
  /** Whether a config will do whose secrets are gone, since the machine is provisioned. */
  readonly needsSecrets: boolean
}

/** The rendered user config that a fetch stage kept. Throws `FL_CONFIG_UNREADABLE`. */
export function readCache({ system, path, needsSecrets }: CacheOptions): Config {
  try {
    const text = system.files.readText(path)
    if (!text.startsWith(forgottenMark)) return deserializeConfig(text)
    if (!needsSecrets) return deserializeConfig(`{${text.slice(forgottenMark.length)}`)
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot read the config cache "${path}"; did a fetch stage run before this one?`,
      cause,
    })
  }
  throw new IgnitionError({
    code: 'FL_CONFIG_UNREADABLE',
    message: `the config cache "${path}" has no secrets any more, since the machine is provisioned; boot again to fetch the config anew, or add firstlight.secrets=keep to the kernel command line before`,
  })
}
