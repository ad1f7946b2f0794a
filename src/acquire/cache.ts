import { IgnitionError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { deserializeConfig } from '../spec/deserialize.ts'
import { serializeConfig } from '../spec/serialize.ts'
import type { System } from '../system/system.ts'

/** The mode that distributions' own hooks expect: readable by the group, by nobody else. */
const CACHE_MODE = 0o640

/** Keeps the rendered user config for the later stages and for distributions' hooks, which read it with jq. */
export function writeCache(options: { system: System; path: string; config: Config }): void {
  const { system, path, config } = options
  try {
    system.files.writeDurably(path, serializeConfig(config), { mode: CACHE_MODE })
  } catch (cause) {
    throw new IgnitionError({ code: 'FL_FILE', message: `cannot write the config cache "${path}"`, cause })
  }
}

/** The rendered user config that a fetch stage kept. */
export function readCache(options: { system: System; path: string }): Config {
  const { system, path } = options
  try {
    return deserializeConfig(system.files.readText(path))
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot read the config cache "${path}"; did a fetch stage run before this one?`,
      cause,
    })
  }
}
