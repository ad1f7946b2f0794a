import type { FileSystem } from './real-files.ts'

/** Bytes after which what is written begins to go to its disk: the kernel alone would begin late. */
const flushEveryBytes = 64 * 1024 * 1024

/** Errors of fdatasync(2) that are about the kind of file, not about its contents. */
const harmlessCodes: readonly (string | undefined)[] = ['EINVAL', 'ENOSYS', 'EROFS']

/** A file that goes to its disk while more of it is written. */
export interface FlushBehind {
  /** Whether a thread has the descriptor. */
  readonly isBusy: boolean
  /** To be told of everything that is written. */
  wrote(bytes: number): void
}

/** Flushes in a thread of Node's pool; `ended` is told when it has ended, and how it failed. */
export function createFlushBehind(
  fs: FileSystem,
  descriptor: number,
  ended: (failure: Error | undefined) => void,
): FlushBehind {
  let unflushedBytes = 0
  let isBusy = false
  return {
    get isBusy() {
      return isBusy
    },
    wrote(bytes) {
      unflushedBytes += bytes
      if (unflushedBytes < flushEveryBytes || isBusy) return
      unflushedBytes = 0
      isBusy = true
      fs.fdatasync(descriptor, (error) => {
        isBusy = false
        ended(error && !harmlessCodes.includes(error.code) ? error : undefined)
      })
    },
  }
}
