import { release } from '../../system/release.ts'
import type { Files } from '../../system/system.ts'

const chunkBytes = 1024 * 1024

/** The contents of a file, or so many bytes from its beginning; the memory of a chunk is used up with the next. */
export function* chunksOf(
  files: Files,
  path: string,
  bytes = Number.POSITIVE_INFINITY,
): Iterable<Uint8Array> {
  for (let offset = 0; offset < bytes; ) {
    const chunk = files.readAt(path, offset, Math.min(chunkBytes, bytes - offset))
    const { length } = chunk
    if (length === 0) return
    yield chunk
    offset += length
    release(chunk)
  }
}
