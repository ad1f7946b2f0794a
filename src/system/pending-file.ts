import type { FileSystem } from './real-files.ts'
import type { PendingFile, WriteOptions } from './system.ts'
import { createWriteBehind } from './write-behind.ts'

export interface PendingFileOptions {
  readonly fs: FileSystem
  readonly target: string
  /** Of the temporary file, in the target's directory. */
  readonly path: string
}

/**
 * Opens the temporary file with mode 0600 in the target's directory. Everything happens on one handle: a file that was
 * given away is not opened again.
 */
export function createPendingFile({ fs, target, path }: PendingFileOptions): PendingFile & { flush(): void } {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants
  const descriptor = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  const { write, take, settle, close: closeDescriptor } = createWriteBehind(fs, descriptor)
  let state: 'open' | 'closed' | 'settled' = 'open'

  const close = () => {
    if (state !== 'open') return
    state = 'closed'
    closeDescriptor()
  }

  return {
    path,
    write,
    take,
    settle,
    flush: () => fs.fsyncSync(descriptor),
    commit({ mode, uid = -1, gid = -1 }: WriteOptions) {
      if (uid !== -1 || gid !== -1) fs.fchownSync(descriptor, uid, gid)
      fs.fchmodSync(descriptor, mode)
      close()
      fs.renameSync(path, target)
      state = 'settled'
    },
    discard() {
      if (state === 'settled') return
      close()
      fs.rmSync(path, { force: true })
      state = 'settled'
    },
  }
}
