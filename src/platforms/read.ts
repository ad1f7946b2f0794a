import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'
import { readFwCfg } from './qemu.ts'
import type { Answer, Source } from './source.ts'
import { platforms } from './table.ts'

/** Asks a platform's source for the config; throws `IgnitionError` when it cannot be read. */
export function readPlatform(system: System, platform: string): Promise<Answer> {
  const source = platforms[platform]
  if (source === undefined)
    throw new IgnitionError({ code: 'FL_PLATFORM_UNKNOWN', message: `"${platform}" is not a platform` })
  return readSource({ system, platform, source })
}

async function readSource(options: { system: System; platform: string; source: Source }): Promise<Answer> {
  const { system, platform, source } = options
  switch (source.kind) {
    case 'none':
      return { kind: 'empty', reason: `platform ${platform} has no config source of its own` }
    case 'file':
      return readFile({ system, platform, path: system.environment(source.variable) ?? source.path })
    case 'fw-cfg':
      return readFwCfg(system, source.names)
    case 'planned':
      throw new IgnitionError({
        code: 'FL_UNSUPPORTED',
        message: `platform "${platform}" is known but this version cannot read its config`,
      })
  }
}

function readFile(options: { system: System; platform: string; path: string }): Answer {
  try {
    return { kind: 'found', bytes: options.system.files.read(options.path), source: options.platform }
  } catch (cause) {
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `cannot read the config file "${options.path}"`,
      cause,
    })
  }
}
