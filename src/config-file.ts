import { IgnitionError } from './errors.ts'
import { createPathResolver } from './system/path-resolver.ts'
import type { Files, NodeType } from './system/system.ts'

/** Reads a file that a config should be in. Throws `FL_CONFIG_UNREADABLE`: `cannot read ${what}`. */
export function readConfigFile(files: Files, path: string, what = `"${path}"`): Uint8Array {
  try {
    return files.read(path)
  } catch (cause) {
    throw new IgnitionError({ code: 'FL_CONFIG_UNREADABLE', message: `cannot read ${what}`, cause })
  }
}

/**
 * Reads a file of a drive that is mounted at `directory`; undefined when it is not there. Links, absolute ones too, lead
 * to what is on the drive and nowhere else. Throws `FL_CONFIG_UNREADABLE` for what is no regular file: a FIFO would hold
 * the boot, and a device is no config.
 */
export function readDriveFile(
  files: Files,
  drive: { readonly directory: string; readonly path: string; readonly what: string },
): Uint8Array | undefined {
  const { directory, path, what } = drive
  const file = createPathResolver(files, directory).follow(path)
  const stat = files.lstat(file)
  if (stat === undefined) return undefined
  if (stat.type !== 'file')
    throw new IgnitionError({
      code: 'FL_CONFIG_UNREADABLE',
      message: `${what} is a ${kinds[stat.type]}, not a file`,
    })
  return readConfigFile(files, file, what)
}

const kinds: Readonly<Record<NodeType, string>> = {
  file: 'file',
  directory: 'directory',
  symlink: 'link',
  block: 'block device',
  character: 'character device',
  fifo: 'FIFO',
  socket: 'socket',
}
