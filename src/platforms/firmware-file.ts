import { readConfigFile } from '../config-file.ts'
import type { System } from '../system/system.ts'
import type { Answer, Source } from './source.ts'
import { trimNulls } from './trim-nulls.ts'

/** Reads the config that the firmware keeps. Nothing in it is no config. */
export async function readFirmwareFile(options: {
  readonly system: System
  readonly platform: string
  readonly source: Extract<Source, { kind: 'firmware-file' }>
}): Promise<Answer> {
  const { system, platform, source } = options
  await system.run('modprobe', [source.module], { description: `loading kernel module ${source.module}` })
  if (system.files.stat(source.path) === undefined)
    return { kind: 'empty', reason: `the firmware has no "${source.path}"` }
  const bytes = trimNulls(readConfigFile(system.files, source.path))
  if (bytes.length === 0) return { kind: 'empty', reason: `"${source.path}" is empty` }
  return { kind: 'found', bytes, source: platform, place: `"${source.path}"` }
}
