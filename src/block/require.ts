import { IgnitionError } from '../errors.ts'
import { type ProgramName, programs } from '../system/programs.ts'
import { quote } from '../system/quote.ts'
import type { System } from '../system/system.ts'

/**
 * Throws `FL_PROGRAM_MISSING` unless all programs are there: a section asks before it destroys anything, not when it
 * is half way.
 */
export function requirePrograms(system: System, names: readonly ProgramName[], purpose: string): void {
  const missing = [...new Set(names)].filter((name) => !isThere(system, name))
  if (missing.length === 0) return
  const each = missing.map(
    (name) => `${quote(programs[name].file)} (Debian package "${programs[name].package}")`,
  )
  throw new IgnitionError({
    code: 'FL_PROGRAM_MISSING',
    message:
      `${purpose} needs ${each.join(' and ')}, which is not in $PATH; nothing was changed: ` +
      'add it to the image and rebuild the initramfs',
  })
}

/** Whether a program is in the PATH. */
export function isThere(system: System, name: ProgramName): boolean {
  const directories = (system.environment('PATH') ?? '').split(':').filter((path) => path !== '')
  return directories.some((directory) => isFile(system, `${directory}/${programs[name].file}`))
}

/** As when a program is looked up: a directory that may not be searched has none. */
function isFile({ files }: System, path: string): boolean {
  try {
    return files.stat(path)?.type === 'file'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false
    throw error
  }
}
