import { IgnitionError } from '../errors.ts'
import { gunzipping } from '../resources/gunzip.ts'
import { findBase64Fault } from '../spec/base64.ts'

/** First bytes of gzip data with the only method there is: RFC 1952, section 2.3.1. */
const GZIP_MAGIC = [0x1f, 0x8b, 0x08]

export const isGzip = (bytes: Uint8Array): boolean => GZIP_MAGIC.every((byte, index) => bytes[index] === byte)

/** Bytes of strict base64; line breaks may be in it, as some tools wrap it. `what` names it for the error. */
export function decodeBase64(body: Uint8Array, what: string): Uint8Array {
  const text = new TextDecoder('latin1').decode(body).replace(/[\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]*=*$/.test(text) || findBase64Fault(text) !== undefined)
    throw new IgnitionError({ code: 'FL_CONFIG_INVALID', message: `${what} is not base64` })
  return Buffer.from(text, 'base64')
}

/** Decompressed bytes. Throws `FL_DECOMPRESS`. */
export async function gunzip(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const intake = gunzipping((chunk) => chunks.push(chunk), what)
  try {
    await intake.write(bytes)
    await intake.finish()
  } finally {
    intake.discard()
  }
  return Buffer.concat(chunks)
}
