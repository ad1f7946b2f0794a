import { IgnitionError } from './errors.ts'
import type { Files } from './system/system.ts'

/** Reads a file that a config should be in. Throws `FL_CONFIG_UNREADABLE`: `cannot read ${what}`. */
export function readConfigFile(files: Files, path: string, what = `"${path}"`): Uint8Array {
  try {
    return files.read(path)
  } catch (cause) {
    throw new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message: `cannot read ${what}`, cause })
  }
}
