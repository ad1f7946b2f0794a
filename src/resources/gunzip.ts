import type { Gunzip } from 'node:zlib'
import { IgnitionError } from '../errors.ts'
import { release } from '../system/release.ts'
import type { Intake } from './verify.ts'

/** Bytes handed on at a time; zlib's own 16 KiB mean a turn of the event loop for each. */
const outputBytes = 256 * 1024

/** Decompresses gzip. Members may follow one another; anything else behind the last one is damage. */
export function gunzipping(take: (chunk: Uint8Array) => void, shown: string): Intake {
  // loaded here: 2 ms that most stages save
  const gunzip = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: outputBytes })
  let received = 0
  // An error of zlib, or of whoever takes the bytes; it is thrown where the bytes come from.
  let failure: Error | undefined
  gunzip.on('error', (cause) => {
    failure ??= damaged(shown, cause.message, cause)
  })
  const waiting: Uint8Array[] = []
  const takeWaiting = () => {
    try {
      for (const chunk of waiting) if (!failure) take(chunk)
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error))
      gunzip.destroy()
    }
    waiting.length = 0
  }
  // Taken after zlib has been told to go on: it decompresses in a thread of its own meanwhile.
  gunzip.on('data', (chunk: Uint8Array) => {
    if (waiting.push(chunk) === 1) queueMicrotask(takeWaiting)
  })
  const check = () => {
    takeWaiting()
    if (failure) throw failure
  }
  return {
    async write(chunk) {
      check()
      received += chunk.length
      await settled(gunzip, (done) => gunzip.write(chunk, done))
      check()
      release(chunk)
    },
    async finish() {
      check()
      await settled(gunzip, (done) => gunzip.once('end', done).end())
      check()
      const trailing = received - gunzip.bytesWritten
      if (trailing > 0) throw damaged(shown, `${trailing} bytes follow the compressed data`)
    },
    discard: () => void gunzip.destroy(),
  }
}

/** Waits for a step of the stream to end, well or not. */
async function settled(gunzip: Gunzip, start: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      gunzip.off('close', done)
      resolve()
    }
    gunzip.once('close', done)
    start(done)
  })
}

function damaged(shown: string, reason: string, cause?: unknown): IgnitionError {
  return new IgnitionError({
    code: 'FL_DECOMPRESS',
    message: `${shown}: the contents are not gzip data as the config says: ${reason}`,
    cause,
  })
}
