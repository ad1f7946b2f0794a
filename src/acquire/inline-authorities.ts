import { Secret } from '../secret.ts'
import type { Fetch } from '../section.ts'
import type { Config } from '../spec/config.ts'

/**
 * Replaces every certificate authority by a data URL of its bytes, so that later stages need not fetch it again.
 * Headers and compression go; the hash stays, it is of the decompressed bytes.
 */
export async function inlineAuthorities(config: Config, fetch: Fetch): Promise<Config> {
  const { tls } = config.ignition.security
  if (tls.certificateAuthorities.length === 0) return config
  const certificateAuthorities = await Promise.all(
    tls.certificateAuthorities.map(async (authority) => {
      const { compression: _, ...kept } = authority
      const bytes = await fetch.toMemory(authority)
      return { ...kept, httpHeaders: [], source: new Secret(dataUrl(bytes)) }
    }),
  )
  const security = { ...config.ignition.security, tls: { ...tls, certificateAuthorities } }
  return { ...config, ignition: { ...config.ignition, security } }
}

/** The media type is the one that the reference's sniffing gives for PEM text. */
const dataUrl = (bytes: Uint8Array): string =>
  `data:text/plain;charset=utf-8;base64,${Buffer.from(bytes).toString('base64')}`
