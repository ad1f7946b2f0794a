import { readConfigFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import { readPlatform } from '../platforms/read.ts'
import type { Answer } from '../platforms/source.ts'
import type { Fetcher } from '../resources/settings.ts'
import type { System } from '../system/system.ts'
import { readFromCommandLine } from './kernel-command-line.ts'
import { systemDirectories } from './system-directories.ts'

/**
 * The user's config as bytes: from the kernel command line, else from `user.ign` in the system directories, else
 * from the platform. The first that does not say `absent` decides, with its errors too.
 */
export async function readUserConfig(options: {
  readonly system: System
  readonly fetcher: Fetcher
  readonly platform: string
  /** Files that the provider brought in an earlier stage. */
  readonly kept: readonly unknown[]
}): Promise<Answer> {
  const { system, fetcher, platform, kept } = options
  const fromCommandLine = await readFromCommandLine(system, fetcher)
  if (fromCommandLine.kind !== 'absent') return fromCommandLine
  const fromSystem = readUserFile(system)
  if (fromSystem.kind !== 'absent') return fromSystem
  const fromPlatform = await readPlatform({ system, fetcher, platform, kept })
  if (fromPlatform.kind === 'absent')
    throw new IgnitionError({
      code: 'FL_NO_PROVIDER',
      message: `platform "${platform}" does not answer on this machine`,
    })
  return fromPlatform
}

function readUserFile(system: System): Answer {
  for (const directory of systemDirectories(system)) {
    const path = `${directory}/user.ign`
    if (system.files.stat(path) === undefined) {
      system.log('debug', `no config at "${path}"`)
      continue
    }
    system.log('info', `reading system config file "${path}"`)
    const bytes = readConfigFile(system.files, path, `the system config file "${path}"`)
    return { kind: 'found', bytes, source: 'system', place: `"${path}"` }
  }
  return { kind: 'absent' }
}
