import type { Files } from './system.ts'

export interface MountPoint {
  /** Absolute path on the machine. */
  readonly path: string
  /** Device, tag or name that is mounted. */
  readonly source: string
  readonly type: string
  /** `major:minor` of what is mounted; btrfs has numbers of its own instead of its device's. */
  readonly deviceNumber: string
}

/** What is mounted, in the order of mounting; empty where /proc is not mounted. */
export function readMountTable(files: Files): readonly MountPoint[] {
  const path = '/proc/self/mountinfo'
  return files.stat(path) ? parseMountInfo(files.readText(path)) : []
}

/** Lines as in https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
export function parseMountInfo(text: string): readonly MountPoint[] {
  return text.split('\n').flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ')
    const [, , deviceNumber = '', , path] = mount.split(' ')
    const [type = '', source = ''] = filesystem.split(' ')
    if (path === undefined) return []
    return [{ path: octalDecoded(path), source: octalDecoded(source), type, deviceNumber }]
  })
}

/** The mount point that holds a path: the longest that leads to it, and of equals the last. */
export function mountPointOf(table: readonly MountPoint[], path: string): MountPoint | undefined {
  return table
    .filter((mount) => isAtOrBelow(path, mount.path))
    .reduce<MountPoint | undefined>(
      (longest, mount) => (longest && longest.path.length > mount.path.length ? longest : mount),
      undefined,
    )
}

/** The mount points at or below a path, in the order of mounting. */
export function mountPointsBelow(table: readonly MountPoint[], path: string): readonly MountPoint[] {
  return table.filter((mount) => isAtOrBelow(mount.path, path))
}

const isAtOrBelow = (path: string, top: string) => top === '/' || path === top || path.startsWith(`${top}/`)

/** Space, tab, newline and backslash are written as three octal digits. */
function octalDecoded(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
