import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Identity {
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

export interface IdentityOptions {
  /** Common name, and alternative name. */
  readonly name: string
  /** IPv4; without one there are no alternative names at all. */
  readonly address?: string
}

/** A self-signed certificate (X.509 version 3, ECDSA P-256), made for one test. */
export function selfSigned({ name, address }: IdentityOptions): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const subject = sequence(set(sequence(oid('550403'), tagged(0x0c, Buffer.from(name)))))
  const validity = sequence(
    tagged(0x17, Buffer.from('200101000000Z')),
    tagged(0x17, Buffer.from('491231235959Z')),
  )
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    ...(address === undefined ? [] : [tagged(0xa3, sequence(alternativeNames(name, address)))]),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  return { certificate: pem(certificate), key: exportKey(privateKey) }
}

const exportKey = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString()

/** Extension subjectAltName, 2.5.29.17. */
function alternativeNames(name: string, address: string): Buffer {
  const names = sequence(
    tagged(0x82, Buffer.from(name)),
    tagged(0x87, Buffer.from(address.split('.').map(Number))),
  )
  return sequence(oid('551d11'), tagged(0x04, names))
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

const sequence = (...parts: Buffer[]) => tagged(0x30, Buffer.concat(parts))
const set = (...parts: Buffer[]) => tagged(0x31, Buffer.concat(parts))
const integer = (value: number) => tagged(0x02, Buffer.of(value))
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'))

const pem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
