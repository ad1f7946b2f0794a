import { crc32 } from 'node:zlib'
import { IgnitionError } from '../errors.ts'

/** What has been handed on of a body, so that a second attempt can go on where the first was cut off. */
export interface Prefix {
  /** Bytes handed on. */
  readonly length: number
  add(chunk: Uint8Array): void
  /** For a body that begins anew. */
  skip(): Skip
}

/** Leaves out what has been handed on. Throws `FL_FETCH` when it is not what it was the first time. */
export interface Skip {
  /** The part of a chunk that has not been handed on yet. */
  take(chunk: Uint8Array): Uint8Array
  /** After the last chunk. */
  end(): void
}

/**
 * Compares by checksum, unless the whole is proven by a hash anyway: a server that is believed without a hash may change a
 * file between two attempts, but does not forge one.
 */
export function createPrefix({ proven, shown }: { proven: boolean; shown: string }): Prefix {
  const sum = (chunk: Uint8Array, before: number) => (proven ? 0 : crc32(chunk, before))
  let given = 0
  let length = 0
  return {
    get length() {
      return length
    },
    add(chunk) {
      length += chunk.length
      given = sum(chunk, given)
    },
    skip() {
      let again = 0
      let left = length
      return {
        take(chunk) {
          if (left === 0) return chunk
          const known = chunk.subarray(0, left)
          again = sum(known, again)
          left -= known.length
          if (left === 0 && again !== given) throw changed(shown)
          return chunk.subarray(known.length)
        },
        end() {
          if (left > 0) throw changed(shown)
        },
      }
    },
  }
}

function changed(shown: string): IgnitionError {
  return new IgnitionError({
    code: 'FL_FETCH',
    message: `${shown}: the contents changed while they were fetched: the connection broke and the second try began otherwise`,
  })
}
