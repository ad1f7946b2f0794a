import { readConfigFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import { waitFor } from '../system/explained-wait.ts'
import type { System } from '../system/system.ts'
import type { Answer, BlockDeviceSource } from './source.ts'
import { trimNulls } from './trim-nulls.ts'

const lookEverySeconds = 1

/** Waits for the device and reads it whole. Throws `FL_DEVICE_MISSING` when it does not come. */
export async function readBlockDevice(options: {
  readonly system: System
  readonly source: BlockDeviceSource
  readonly platform: string
}): Promise<Answer> {
  const { system, source, platform } = options
  const { path, module, driver, waitSeconds } = source
  if (system.files.stat(driver) === undefined)
    await system.run('modprobe', [module], { description: `loading kernel module ${module}` })
  const device = await waitFor(system, {
    owner: 'config drive',
    what: `the disk "${path}"`,
    look: () => (system.files.stat(path) === undefined ? undefined : path),
    everySeconds: lookEverySeconds,
    seconds: waitSeconds,
    found: () =>
      `the driver ${driver} is ${system.files.stat(driver) === undefined ? 'not loaded' : 'loaded'}`,
  })
  if (device === undefined)
    throw new IgnitionError({
      code: 'FL_DEVICE_MISSING',
      message: `the disk "${path}" did not appear within ${waitSeconds} s`,
    })
  const bytes = trimNulls(readConfigFile(system.files, device))
  if (bytes.length === 0) return { kind: 'empty', reason: `"${path}" has nothing but NUL bytes` }
  return { kind: 'found', bytes, source: platform, place: `the disk "${path}"` }
}
