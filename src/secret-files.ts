import type { Files, System } from './system/system.ts'

/**
 * Replaces a file with secrets by what `write` puts there, and overwrites what was there before: memory that a file of
 * a tmpfs gave back is not cleared otherwise.
 */
export function replaceSecret({ files }: System, path: string, write: () => void): void {
  const before = `${path}.before`
  // a run before this one may have been cut off
  files.shred(before)
  if (files.lstat(path)?.type === 'file') holdOn(files, path, before)
  try {
    write()
  } finally {
    files.shred(before)
  }
}

/** Not every filesystem has a second name for a file; then what was there is only removed. */
function holdOn(files: Files, path: string, before: string): void {
  try {
    files.hardLink(path, before)
  } catch (error) {
    if (!['EPERM', 'EOPNOTSUPP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
