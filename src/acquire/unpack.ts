import { IgnitionError } from '../errors.ts'
import { gunzipping } from '../resources/gunzip.ts'

/** A config is not larger than this when it is unpacked: 64 MiB. A small file could unpack to fill all memory. */
const maximumUnpackedBytes = 64 * 1024 * 1024

/** First bytes of gzip data: RFC 1952, section 2.3.1. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Unpacks a config that is gzip data, and hands on any other. Throws `FL_CONFIG_INVALID`. */
export async function unpackConfig(bytes: Uint8Array, origin: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes
  const chunks: Uint8Array[] = []
  let length = 0
  const intake = gunzipping((chunk) => {
    length += chunk.length
    if (length > maximumUnpackedBytes) throw tooLarge(origin)
    chunks.push(chunk)
  }, origin)
  try {
    await intake.write(bytes)
    await intake.finish()
  } catch (cause) {
    if (cause instanceof IgnitionError && cause.code === 'FL_CONFIG_INVALID') throw cause
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `config from ${origin} begins like gzip data but cannot be unpacked`,
      cause: cause instanceof Error ? (cause.cause ?? cause) : cause,
    })
  } finally {
    intake.discard()
  }
  return Buffer.concat(chunks)
}

const tooLarge = (origin: string): IgnitionError =>
  new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `config from ${origin} unpacks to more than ${maximumUnpackedBytes / 1024 / 1024} MiB`,
  })
