import type { FileSystem } from './real-files.ts'

/** Bytes asked for at a time: one read for most files, and for sysfs files that answer one page a call. */
const chunkBytes = 64 * 1024

/** Reads to the end whatever size the file claims to have: files in /proc and /sys claim 0 or a page. */
export function readWhole(fs: FileSystem, path: string): Uint8Array {
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
  try {
    let buffer = Buffer.alloc(Math.max(fs.fstatSync(descriptor).size + 1, chunkBytes))
    let length = 0
    for (;;) {
      const count = fs.readSync(descriptor, buffer, length, buffer.length - length, null)
      if (count === 0) return buffer.subarray(0, length)
      length += count
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Reads `length` bytes from `offset` on, fewer when the file ends before. */
export function readRange(
  fs: Pick<FileSystem, 'constants' | 'openSync' | 'readSync' | 'closeSync'>,
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number },
): Uint8Array {
  const descriptor = fs.openSync(path, fs.constants.O_RDONLY)
  try {
    const buffer = Buffer.alloc(length)
    let filled = 0
    while (filled < length) {
      const count = fs.readSync(descriptor, buffer, filled, length - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    return buffer.subarray(0, filled)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Writes all of `data`, to a place in the file or where the descriptor is: write(2) may take less than it is given. */
export function writeWhole(
  fs: Pick<FileSystem, 'writeSync'>,
  descriptor: number,
  { data, at }: { readonly data: Uint8Array; readonly at?: number },
): void {
  for (let written = 0; written < data.length; ) {
    const place = at === undefined ? null : at + written
    written += fs.writeSync(descriptor, data, written, data.length - written, place)
  }
}
