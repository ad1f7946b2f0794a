import { openHash } from '../../digest.ts'
import type { ConfigResource } from '../../spec/config.ts'
import type { PendingFile } from '../../system/system.ts'

/** The hash of a file's contents while they are written. */
export interface ContentHash {
  /** The same file, listened to. */
  on(file: PendingFile): PendingFile
  /** `sha256-` or `sha512-` and hexadecimal digits. */
  value(): string
}

/** One that the config names has been verified when the file is there: it is not computed again. */
export function createContentHash(parts: readonly ConfigResource[]): ContentHash {
  const [only, ...others] = parts
  const known = others.length === 0 ? only?.verification.hash : undefined
  if (known !== undefined && known !== '') return { on: (file) => file, value: () => known }
  const hash = openHash('sha256')
  return {
    on: (file) => ({
      path: file.path,
      write(chunk) {
        hash.update(chunk)
        file.write(chunk)
      },
      take(chunk) {
        hash.update(chunk)
        file.take(chunk)
      },
      settle: () => file.settle(),
      commit: (options) => file.commit(options),
      discard: () => file.discard(),
    }),
    value: () => `sha256-${hash.digest('hex')}`,
  }
}
