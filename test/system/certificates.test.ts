import { mkdirSync, writeFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { certificatePlaces, systemCertificates } from '../../src/system/certificates.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

const pem = (body: string, type = 'CERTIFICATE') => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----`

test('the first bundle and all directories, each certificate once', () => {
  const at = scratchDirectory()
  mkdirSync(`${at}/certs`)
  writeFileSync(`${at}/first.pem`, `# comment\n${pem('AAAA')}\n${pem('BBBB')}\n`)
  writeFileSync(`${at}/second.pem`, pem('CCCC'))
  writeFileSync(`${at}/certs/one`, pem('BBBB'))
  writeFileSync(`${at}/certs/two`, `${pem('DDDD')}\r\n${pem('EEEE', 'PRIVATE KEY')}`)
  const places = {
    files: [`${at}/missing`, `${at}/first.pem`, `${at}/second.pem`],
    directories: [`${at}/nowhere`, `${at}/certs`],
  }
  expect(systemCertificates(places)).toEqual([pem('AAAA'), pem('BBBB'), pem('DDDD')])
})

test('without any, those that come with Node', () => {
  const nowhere = `${scratchDirectory()}/nowhere`
  expect(systemCertificates({ files: [nowhere], directories: [nowhere] })).toEqual(rootCertificates)
})

test('the environment replaces the places', () => {
  const variables: Record<string, string> = { SSL_CERT_FILE: '/f', SSL_CERT_DIR: '/a:/b' }
  expect(certificatePlaces((name) => variables[name])).toEqual({ files: ['/f'], directories: ['/a', '/b'] })
  const usual = certificatePlaces(() => undefined)
  expect(usual.files).toContain('/etc/ssl/certs/ca-certificates.crt')
  expect(usual.directories).toContain('/etc/ssl/certs')
})
