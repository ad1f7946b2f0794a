import { createHash, type Hash } from 'node:crypto'
import { createGunzip, type Gunzip } from 'node:zlib'
import { IgnitionError } from '../errors.ts'
import type { Resource } from '../section.ts'

/** Takes the bytes of a resource as they arrive; waits while it is behind. */
export interface Intake {
  write(chunk: Uint8Array): Promise<void>
  /** After the last byte. Throws `FL_DECOMPRESS` or `FL_HASH_MISMATCH` when they are not what the config promised. */
  finish(): Promise<void>
  /** Gives up what is held when there is no `finish`. */
  discard(): void
}

/** Decompresses and hashes as the resource says, and hands the bytes on. The hash is that of the decompressed bytes. */
export function createIntake(resource: Resource, sink: (chunk: Uint8Array) => void, shown: string): Intake {
  const expected = expectedHash(resource, shown)
  const hash = expected && createHash(expected.algorithm)
  const take = (chunk: Uint8Array) => {
    hash?.update(chunk)
    sink(chunk)
  }
  const inner = decompressing(resource, take, shown)
  return {
    ...inner,
    async finish() {
      await inner.finish()
      if (hash && expected) compare(hash, expected.hex, shown)
    },
  }
}

/** The hash that a resource must have. Throws `FL_CONFIG_INVALID` when it is not one. */
export function expectedHash(
  { verification }: Resource,
  shown: string,
): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } | undefined {
  const text = verification?.hash
  if (text === undefined || text === '') return undefined
  const [, algorithm, hex = ''] = /^(sha256|sha512)-([\da-f]+)$/i.exec(text) ?? []
  const isWhole = hex.length === (algorithm === 'sha256' ? 64 : 128)
  if ((algorithm === 'sha256' || algorithm === 'sha512') && isWhole)
    return { algorithm, hex: hex.toLowerCase() }
  throw new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `the verification hash of ${shown} is not sha256- or sha512- with as many hexadecimal digits as it needs`,
  })
}

function compare(hash: Hash, expected: string, shown: string): void {
  const calculated = hash.digest('hex')
  if (calculated === expected) return
  throw new IgnitionError({
    code: 'FL_HASH_MISMATCH',
    message: `${shown}: hash verification failed (calculated ${calculated} but expected ${expected})`,
  })
}

function decompressing({ compression }: Resource, take: (chunk: Uint8Array) => void, shown: string): Intake {
  if (compression === undefined || compression === '')
    return {
      write(chunk) {
        take(chunk)
        return Promise.resolve()
      },
      finish: () => Promise.resolve(),
      discard: () => undefined,
    }
  if (compression === 'gzip') return gunzipping(take, shown)
  throw new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `${shown}: compression ${JSON.stringify(compression)} is not known; there is "gzip"`,
  })
}

/** Members may follow one another; anything else behind the last one is damage. */
function gunzipping(take: (chunk: Uint8Array) => void, shown: string): Intake {
  const gunzip = createGunzip()
  let received = 0
  // An error of zlib, or of whoever takes the bytes; it is thrown where the bytes come from.
  let failure: Error | undefined
  gunzip.on('error', (cause) => {
    failure ??= damaged(shown, cause.message, cause)
  })
  gunzip.on('data', (chunk: Uint8Array) => {
    try {
      take(chunk)
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error))
      gunzip.destroy()
    }
  })
  const check = () => {
    if (failure) throw failure
  }
  return {
    async write(chunk) {
      check()
      received += chunk.length
      await settled(gunzip, (done) => gunzip.write(chunk, done))
      check()
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
