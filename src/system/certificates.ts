import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

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
export function certificatePlaces(environment: (name: string) => string | undefined): CertificatePlaces {
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
