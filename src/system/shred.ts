import { writeWhole } from './file-descriptor.ts'
import { refuseUnless, statOf } from './node-stat.ts'
import type { FileSystem } from './real-files.ts'

/** Bytes to overwrite at a time. */
const zeros = new Uint8Array(64 * 1024)

/** On a disk that moves what is rewritten this promises little; in memory, where secrets are kept, it does. */
export function shred(fs: FileSystem, path: string): void {
  const before = statOf(() => fs.lstatSync(path, { bigint: true }))
  if (before === undefined) return
  refuseUnless(fs, path, 'file')
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
  const descriptor = fs.openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    for (let left = before.size; left > 0; left -= zeros.length)
      writeWhole(fs, descriptor, { data: zeros.subarray(0, Math.min(left, zeros.length)) })
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
  fs.rmSync(path)
}
