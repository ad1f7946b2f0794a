import { readDriveFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import { waitForLabel, whileMounted } from '../system/labelled-device.ts'
import type { System } from '../system/system.ts'
import { waits } from '../system/waits.ts'

/** Reads a file from the filesystem with a label, mounted read-only for the moment. */
export async function readConfigDevice(
  system: System,
  { label, path }: { readonly label: string; readonly path: string },
): Promise<Uint8Array> {
  if (label.includes('/') || label === '.' || label === '..')
    throw unreadable(
      `invalid device label "${label}" in ignition.config.device: one path component is needed`,
    )
  const { seconds } = waits['config device'].limit
  const device = await waitForLabel(system, { owner: 'config device', label, seconds })
  if (device === undefined) throw unreadable(`device "${label}" did not appear within timeout (${seconds} s)`)
  return whileMounted(system, device, (directory) => {
    const what = `config file "${path}" on device "${label}"`
    const bytes = readDriveFile(system.files, { directory, path, what })
    if (bytes === undefined) throw unreadable(`config file "${path}" not found on device "${label}"`)
    return bytes
  })
}

const unreadable = (message: string, cause?: unknown): IgnitionError =>
  new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message, cause })
