import type { Hash } from 'node:crypto'
import type { Config } from './spec/config.ts'
import { serializeConfig } from './spec/serialize.ts'

type Algorithm = 'sha256' | 'sha512'

/** A hash to be fed. Loading Node's cryptography takes 7 ms, and most stages hash nothing: hence not at the top. */
export const openHash = (algorithm: Algorithm): Hash =>
  process.getBuiltinModule('node:crypto').createHash(algorithm)

/** In hexadecimal. */
export const digest = (algorithm: Algorithm, data: string | Uint8Array): string =>
  openHash(algorithm).update(data).digest('hex')

/** Names a rendered config, base configs merged: what was proven, reviewed or begun for one says nothing of another. */
export const configDigest = (config: Config): string => digest('sha256', serializeConfig(config))
