import { X509Certificate } from 'node:crypto'
import { IgnitionError } from '../errors.ts'

/** One certificate of a bundle. */
export interface Authority {
  readonly pem: string
  /** For the log; the whole subject when it has no common name. */
  readonly name: string
}

const block = /-----BEGIN ([^-]+)-----([^-]+)-----END \1-----/g

/**
 * The certificates of a PEM bundle, one after another; text around them is passed over. An empty bundle adds nothing.
 * Throws `FL_CONFIG_INVALID` when it holds no certificate, or one that cannot be read.
 */
export function parseBundle(bytes: Uint8Array, shown: string): readonly Authority[] {
  const text = new TextDecoder('latin1').decode(bytes)
  if (text.trim() === '') return []
  const found = [...text.matchAll(block)].map(([, , body = '']) => parseCertificate(body, shown))
  if (found.length === 0) throw unusable(shown, 'it holds no PEM block')
  return found
}

function parseCertificate(body: string, shown: string): Authority {
  // Bundles may hold blocks of type TRUSTED CERTIFICATE and headers in a block; only the base64 counts.
  const base64 = body.replace(/^[\w-]+:.*$/gm, '').replace(/\s+/g, '')
  const pem = `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  try {
    const { subject } = new X509Certificate(pem)
    return { pem, name: /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ') }
  } catch (cause) {
    throw unusable(shown, 'one of its certificates cannot be read', cause)
  }
}

function unusable(shown: string, reason: string, cause?: unknown): IgnitionError {
  return new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `certificate authorities from ${shown}: ${reason}`,
    cause,
  })
}
