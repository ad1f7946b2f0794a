import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { isLinkLocal } from '../../src/system/link-local.ts'
import { plainRequest, realSystem } from '../helpers/real-system.ts'

test.each([
  '169.254.169.254',
  '169.254.0.1',
  '168.63.129.16',
  '100.100.100.200',
  'fe80::1',
  'fe80::a9fe:a9fe%eth0',
  'febf::1',
  'fd00:ec2::254',
  'FD00:EC2:0:0:0:0:0:254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'metadata.google.internal',
  'Metadata.Google.Internal.',
])('%s is refused', (host) => {
  expect(isLinkLocal(host)).toBe(true)
})

test.each([
  '127.0.0.1',
  '169.253.255.255',
  '10.0.0.1',
  '::1',
  'fec0::1',
  'fd00:ec2::255',
  'localhost',
  'example.org',
])('%s is not', (host) => {
  expect(isLinkLocal(host)).toBe(false)
})

/** How many client sockets the process makes while `work` runs. */
async function socketsMade(work: () => Promise<unknown>): Promise<number> {
  let made = 0
  const count = () => {
    made += 1
  }
  subscribe('net.client.socket', count)
  await work().finally(() => unsubscribe('net.client.socket', count))
  return made
}

const refused = (url: string, proxy?: string) => async () => {
  const { system } = realSystem()
  const request = plainRequest(url, proxy === undefined ? {} : { proxy })
  await expect(system.request(request)).rejects.toMatchObject({ code: 'FL_ADDRESS_REFUSED' })
}

test.each<[url: string, proxy?: string]>([
  ['http://169.254.169.254/latest'],
  ['https://[fe80::1%25eth0]/'],
  ['http://[::ffff:168.63.129.16]:8080/'],
  ['http://metadata.google.internal/'],
  ['http://example.org/', 'http://169.254.169.254:3128'],
  ['http://169.254.169.254/', 'http://127.0.0.1:1'],
  // The resolver reads a decimal number as the address 169.254.169.254 without asking anybody.
  ['http://2852039166/'],
])('a request to %s makes no socket', async (url, proxy) => {
  expect(await socketsMade(refused(url, proxy))).toBe(0)
})

test('sockets are seen when they are made', async () => {
  const { system } = realSystem()
  const request = system.request(plainRequest('http://127.0.0.1:1/'))
  expect(await socketsMade(() => expect(request).rejects.toMatchObject({ code: 'ECONNREFUSED' }))).toBe(1)
})

test('a name that resolves to such an address is refused with the address', async () => {
  // The resolver reads a decimal number as the address 169.254.169.254 without asking anybody.
  const { system } = realSystem()
  await expect(system.request(plainRequest('http://2852039166/'))).rejects.toThrow(/169\.254\.169\.254/)
})
