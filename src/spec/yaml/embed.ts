import type { Expansion } from './expansion.ts'

/** What contents become in a config. */
export interface Embedded {
  readonly source: string
  /** `''` says plainly that it is not compressed, so that a merge does not take another config's word. */
  readonly compression: 'gzip' | '' | undefined
}

/** OpenShift below 4.10 cannot unpack. */
const withoutCompression = new Set(['4.8.0', '4.9.0'])

/** Makes the shortest data URL that stands for the bytes. `packed`: they are compressed already. */
export function embed(bytes: Uint8Array, expansion: Expansion, packed: boolean): Embedded {
  const escaped = `data:,${escapeBytes(bytes)}`
  const encoded = `data:;base64,${bytes.toBase64()}`
  const plain = encoded.length < escaped.length ? encoded : escaped
  if (packed) return { source: plain, compression: undefined }
  const { variant, gzip } = expansion
  // fcos 1.0.0 has no word for it in a merge
  if (variant.level === 0) return { source: escaped, compression: undefined }
  const mayPack = !(variant.name === 'openshift' && withoutCompression.has(variant.version))
  const zipped = gzip && mayPack ? `data:;base64,${gzip(bytes).toBase64()}` : undefined
  return zipped !== undefined && zipped.length + 'gzip'.length < plain.length
    ? { source: zipped, compression: 'gzip' }
    : { source: plain, compression: '' }
}

/** Percent-encodes all that is not unreserved (RFC 2396, section 2.3). */
function escapeBytes(bytes: Uint8Array): string {
  let escaped = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    escaped += unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

const unreserved = /[A-Za-z0-9\-_.!~*'()]/
