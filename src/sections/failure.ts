import { type ErrorCode, IgnitionError } from '../errors.ts'
import { mountPointOf, readMountTable } from '../system/mount-table.ts'
import { quote } from '../system/quote.ts'
import type { Files } from '../system/system.ts'

export interface FailureOptions {
  readonly files: Files
  /** What was to be done, with the path: `write file "/sysroot/etc/motd"`. */
  readonly action: string
  /** Absolute path on the machine, to name the filesystem. */
  readonly path: string
  readonly cause: unknown
}

/** The error of a file operation that failed, in terms of what it was for. Never shows contents. */
export function fileFailure({ files, action, path, cause }: FailureOptions): IgnitionError {
  if (cause instanceof IgnitionError)
    return new IgnitionError({ code: cause.code, message: `cannot ${action}: ${cause.message}`, cause })
  const { code, reason } = explain(files, path, cause)
  return new IgnitionError({ code, message: `cannot ${action}: ${reason}`, cause })
}

function explain(files: Files, path: string, cause: unknown): { code: ErrorCode; reason: string } {
  switch ((cause as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
      return {
        code: 'FL_NO_SPACE',
        reason: `${filesystemOf(files, path)} is full (no free space, or no free inodes)`,
      }
    case 'EDQUOT':
      return { code: 'FL_NO_SPACE', reason: `the quota of ${filesystemOf(files, path)} is used up` }
    case 'EROFS':
      return { code: 'FL_FILE', reason: `${filesystemOf(files, path)} is mounted read-only` }
    default:
      return { code: 'FL_FILE', reason: cause instanceof Error ? cause.message : String(cause) }
  }
}

function filesystemOf(files: Files, path: string): string {
  const mount = mountPointOf(readMountTable(files), path)
  if (!mount) return `the filesystem that holds ${quote(path)}`
  return `the filesystem mounted at ${quote(mount.path)} (${mount.type}, ${quote(mount.source)})`
}
