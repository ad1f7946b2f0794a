import type { Hash } from 'node:crypto'
import { IgnitionError } from '../errors.ts'
import type { Resource } from '../section.ts'

/** Takes the bytes of a resource as they arrive; waits while it is behind. */
export interface Intake {
  /** The chunk is given away: its memory may be gone afterwards. */
  write(chunk: Uint8Array): Promise<void>
  /** After the last byte. Throws `FL_DECOMPRESS` or `FL_HASH_MISMATCH` when they are not what the config promised. */
  finish(): Promise<void>
  /** Gives up what is held when there is no `finish`. */
  discard(): void
}

/** Decompresses and hashes as the resource says, and hands the bytes on. The hash is that of the decompressed bytes. */
export async function createIntake(
  resource: Resource,
  sink: (chunk: Uint8Array) => void,
  shown: string,
): Promise<Intake> {
  const expected = expectedHash(resource, shown)
  const hash = expected && (await import('node:crypto')).createHash(expected.algorithm)
  const take = (chunk: Uint8Array) => {
    hash?.update(chunk)
    sink(chunk)
  }
  const inner = await decompressing(resource, take, shown)
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

async function decompressing(
  { compression }: Resource,
  take: (chunk: Uint8Array) => void,
  shown: string,
): Promise<Intake> {
  if (compression === undefined || compression === '') return passing(take)
  if (compression === 'gzip') return (await import('./gunzip.ts')).gunzipping(take, shown)
  throw new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `${shown}: compression ${JSON.stringify(compression)} is not known; there is "gzip"`,
  })
}

function passing(take: (chunk: Uint8Array) => void): Intake {
  return {
    async write(chunk) {
      take(chunk)
    },
    finish: async () => undefined,
    discard: () => undefined,
  }
}
