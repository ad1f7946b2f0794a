import { readConfigFile } from '../config-file.ts'
import { IgnitionError } from '../errors.ts'
import type { System } from '../system/system.ts'
import type { Answer } from './source.ts'

/** Where Linux shows QEMU's firmware configuration device: Documentation/ABI/testing/sysfs-firmware-qemu_fw_cfg. */
const DEVICE = '/sys/firmware/qemu_fw_cfg'

/** Reads the first of the named items that QEMU was started with (`-fw_cfg name=NAME,file=FILE`). */
export async function readFwCfg(system: System, names: readonly string[]): Promise<Answer> {
  if (system.files.stat(DEVICE) === undefined)
    await system.run('modprobe', ['qemu_fw_cfg'], { description: 'loading QEMU firmware config module' })
  for (const name of names) {
    const bytes = readItem(system, name)
    if (bytes !== undefined)
      return { kind: 'found', bytes, source: 'qemu', place: `firmware config item "${name}"` }
  }
  return {
    kind: 'empty',
    reason: `QEMU has no firmware config item ${names.map((n) => JSON.stringify(n)).join(' or ')}`,
  }
}

function readItem(system: System, name: string): Uint8Array | undefined {
  const item = `${DEVICE}/by_name/${name}`
  if (system.files.stat(`${item}/size`) === undefined) return undefined
  const what = `QEMU firmware config item "${name}"`
  const size = Number(new TextDecoder().decode(readConfigFile(system.files, `${item}/size`, what)).trim())
  // one call for the whole item: the kernel walks from its beginning at every read
  const bytes = readConfigFile(system.files, `${item}/raw`, what)
  if (bytes.length !== size)
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `${what} says it has ${size} bytes but gave ${bytes.length}`,
    })
  return bytes
}
