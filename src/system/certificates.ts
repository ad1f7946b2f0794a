import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecureContext } from 'node:tls'
import type { System } from './system.ts'

/** Where distributions keep the certificates that they trust, as one file. The first that exists is taken. */
const bundleFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** Where they keep them as single files. All are taken. */
const bundleDirectories = ['/etc/ssl/certs', '/etc/pki/tls/certs']

const pemCertificate = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g

export interface CertificatePlaces {
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** `SSL_CERT_FILE` and `SSL_CERT_DIR` (colon-separated) replace the places that distributions use. */
export function certificatePlaces(environment: System['environment']): CertificatePlaces {
  const file = environment('SSL_CERT_FILE')
  const directories = environment('SSL_CERT_DIR')
  return {
    files: file === undefined ? bundleFiles : [file],
    directories: directories === undefined ? bundleDirectories : directories.split(':'),
  }
}

/**
 * The certificates that the system trusts, each once, as PEM. Without any (an initramfs often has none) those that
 * come with Node, which are Mozilla's.
 */
export function systemCertificates({ files, directories }: CertificatePlaces): readonly string[] {
  const found = new Set<string>()
  const add = (text: string | undefined) => {
    for (const [certificate] of text?.matchAll(pemCertificate) ?? []) found.add(certificate)
  }
  add(files.map(readIfPossible).find((text) => text !== undefined))
  for (const directory of directories)
    for (const name of namesIn(directory)) add(readIfPossible(join(directory, name)))
  return found.size > 0 ? [...found] : process.getBuiltinModule('node:tls').rootCertificates
}

/**
 * What TLS connections trust: the system's certificates and the given ones. Making it takes 10 ms, so each set is made
 * once.
 */
export function createTrust(
  environment: System['environment'],
): (additional: readonly string[]) => SecureContext {
  const contexts = new Map<string, SecureContext>()
  let system: readonly string[] | undefined
  return (additional) => {
    const key = additional.join('\n')
    system ??= systemCertificates(certificatePlaces(environment))
    const context = contexts.get(key) ?? contextOf([...system, ...additional])
    contexts.set(key, context)
    return context
  }
}

function contextOf(certificates: string[]): SecureContext {
  return process.getBuiltinModule('node:tls').createSecureContext({
    ca: certificates,
    minVersion: 'TLSv1.2',
    // Any certificate that is listed is an anchor, even one that is no authority.
    allowPartialTrustChain: true,
  })
}

function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
