import { IgnitionError } from '../errors.ts'

/**
 * Bytes that one resource may take in memory: configs, keys and certificates are far smaller, and a config of that size would need a GiB
 * to be read; a decompression bomb is larger. Contents of files are not held in memory.
 */
const limitBytes = 128 * 1024 * 1024

/** Chunks on their way to one array. */
export interface Memory {
  /** Throws `FL_FETCH` when it is too much. */
  take(chunk: Uint8Array): void
  bytes(): Uint8Array
}

export function createMemory(shown: string): Memory {
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    take(chunk: Uint8Array) {
      length += chunk.length
      if (length > limitBytes)
        throw new IgnitionError({
          code: 'FL_FETCH',
          message: `${shown}: larger than ${limitBytes} bytes`,
        })
      chunks.push(chunk)
    },
    bytes: () => Buffer.concat(chunks, length),
  }
}
