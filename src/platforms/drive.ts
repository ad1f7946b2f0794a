import { readDriveFile } from '../config-file.ts'
import { waitForLabel, whileMounted } from '../system/labelled-device.ts'
import type { System } from '../system/system.ts'
import type { Answer, DriveSource } from './source.ts'

/** Reads the config from a config drive. A drive without a config, or none in time, is no error. */
export async function readDrive(options: {
  readonly system: System
  readonly source: DriveSource
  readonly platform: string
  readonly signal?: AbortSignal | undefined
}): Promise<Answer> {
  const { system, source, platform, signal } = options
  const device = await waitForLabel(system, {
    owner: 'config drive',
    label: source.label,
    seconds: source.waitSeconds,
    signal,
  })
  if (device === undefined)
    return {
      kind: 'empty',
      reason: `no drive with the label "${source.label}" within ${source.waitSeconds} s`,
    }
  const found = await whileMounted(system, device, (directory) => readFirst(system, { directory, source }))
  if (found === undefined)
    return { kind: 'empty', reason: `drive "${source.label}" has no config at ${source.paths.join(' or ')}` }
  const place = `"${found.path}" on drive "${source.label}"`
  return { kind: 'found', bytes: found.bytes, source: platform, place }
}

/** The first file that can be a config: there, not empty, and not another program's. */
function readFirst(
  system: System,
  { directory, source }: { readonly directory: string; readonly source: DriveSource },
): { readonly bytes: Uint8Array; readonly path: string } | undefined {
  for (const path of source.paths) {
    const what = `"${path}" on drive "${source.label}"`
    const bytes = readDriveFile(system.files, { directory, path, what })
    if (bytes === undefined || bytes.length === 0) continue
    if (source.passOver !== undefined && startsWith(bytes, source.passOver)) {
      system.log('info', `${what} is not an Ignition config; passed over`)
      continue
    }
    return { bytes, path }
  }
  return undefined
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text
