import { createHash } from 'node:crypto'
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

/** Compares by hash, unless the whole is proven by one anyway. */
export function createPrefix({ proven, shown }: { proven: boolean; shown: string }): Prefix {
  const given = proven ? undefined : createHash('sha256')
  let length = 0
  return {
    get length() {
      return length
    },
    add(chunk) {
      length += chunk.length
      given?.update(chunk)
    },
    skip() {
      const again = given && createHash('sha256')
      let left = length
      return {
        take(chunk) {
          if (left === 0) return chunk
          const known = chunk.subarray(0, left)
          again?.update(known)
          left -= known.length
          if (left === 0 && again && given && again.digest('hex') !== given.copy().digest('hex'))
            throw changed(shown)
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
