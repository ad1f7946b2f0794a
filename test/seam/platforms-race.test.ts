import { describe, expect, test } from 'vitest'
import { readPlatform } from '../../src/platforms/read.ts'
import { emulate } from '../helpers/emulator.ts'
import { ask, CONFIG, caseOf, machineOf, type PlatformCase } from '../helpers/platform-case.ts'

const V4 = 'http://169.254.169.254/openstack/latest/user_data'
const USER_DATA = '/openstack/latest/user_data'

const answers = (url: string, status: number, body = ''): NonNullable<PlatformCase['exchanges']> => [
  { request: { method: 'GET', url }, response: { status, body } },
]

describe.each(['openstack', 'brightbox'])('%s', (platform) => {
  test.each(['config-2', 'CONFIG-2'])('takes the drive %s when the service is in trouble', async (label) => {
    const given = { drive: { label, files: { [USER_DATA]: CONFIG } }, exchanges: answers(V4, 503) }
    expect((await ask(platform, given)).text).toBe(CONFIG)
  })

  test('takes the drive when the service refuses, and says so', async () => {
    const emulator = await emulate(answers(V4, 403))
    const { fake, system, fetcher } = machineOf({}, emulator)
    const asked = readPlatform({ system, fetcher, platform })
    while (!fake.messages.some(({ message }) => message.includes('dropped out')))
      await new Promise((resolve) => setTimeout(resolve, 5))
    fake.files.write('/dev/disk/by-label/config-2', '', { mode: 0o600 })
    expect(await asked).toMatchObject({ kind: 'empty', reason: expect.stringContaining('has no config at') })
    expect(fake.messages.find(({ message }) => message.includes('dropped out'))).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('403'),
    })
  })

  test.each([
    [404, 'says there is none'],
    [200, 'is empty'],
    [204, 'is empty'],
  ])('%i of the service is no config', async (status, reason) => {
    const { answer } = await ask(platform, { exchanges: answers(V4, status) })
    expect(answer).toEqual({ kind: 'empty', reason: `${V4} ${reason}` })
  })

  test('a drive without the file is no config', async () => {
    const given = { drive: { label: 'config-2', files: {} }, exchanges: answers(V4, 503) }
    expect((await ask(platform, given)).answer.kind).toBe('empty')
  })

  test('asks over IPv4 alone where no interface has IPv6', async () => {
    const { emulator, text } = await ask(platform, { exchanges: answers(V4, 200, CONFIG) })
    expect(text).toBe(CONFIG)
    expect(emulator.asked).toEqual([`GET ${V4}`])
  })

  test('asks over an interface that gets IPv6 later, too', async () => {
    const { files = {} } = caseOf(platform)
    const emulator = await emulate([
      ...answers(V4, 503),
      ...answers(`http://[fe80::a9fe:a9fe%25ens3]${USER_DATA}`, 200, CONFIG),
    ])
    const addresses = '/proc/net/if_inet6'
    const { [addresses]: late = '', ...others } = files
    const { fake, system, fetcher } = machineOf({ files: { ...others, [addresses]: '' } }, emulator)
    const asked = readPlatform({ system, fetcher, platform })
    const told =
      'still waiting for the metadata service at fe80::a9fe:a9fe, since 5 s, as long as it takes: no interface has IPv6'
    while (!fake.messages.some(({ message }) => message === told))
      await new Promise((resolve) => setImmediate(resolve))
    fake.files.write(addresses, late, { mode: 0o444 })
    expect(await asked).toMatchObject({ kind: 'found', place: expect.stringContaining('%25ens3') })
  })

  test('the config over IPv4 decides while IPv6 is in trouble', async () => {
    const { files = {} } = caseOf(platform)
    const exchanges = [
      ...answers(V4, 200, CONFIG),
      ...answers(`http://[fe80::a9fe:a9fe%25ens3]${USER_DATA}`, 503),
    ]
    expect((await ask(platform, { files, exchanges })).text).toBe(CONFIG)
  })
})

describe('cloudstack', () => {
  const LEASE = '/run/systemd/netif/leases/2'
  const URL = 'http://10.1.1.1/latest/user-data'
  const lease = { [LEASE]: 'SERVER_ADDRESS=10.1.1.1\n' }

  test.each(['config-2', 'CONFIG-2'])('takes the drive %s while there is no lease', async (label) => {
    const drive = { label, files: { '/cloudstack/userdata/user_data.txt': CONFIG } }
    expect((await ask('cloudstack', { drive })).text).toBe(CONFIG)
  })

  test('waits for the lease, and says so after a while', async () => {
    const emulator = await emulate(answers(URL, 200, CONFIG))
    const { fake, system, fetcher } = machineOf({}, emulator)
    const asked = readPlatform({ system, fetcher, platform: 'cloudstack' })
    const isTold = () =>
      fake.messages.some(({ message }) => message.startsWith('still waiting for a DHCP lease'))
    while (!isTold()) await new Promise((resolve) => setImmediate(resolve))
    for (const path of ['/run', '/run/systemd', '/run/systemd/netif', '/run/systemd/netif/leases'])
      fake.files.makeDirectory(path, { mode: 0o755 })
    fake.files.write(LEASE, lease[LEASE] ?? '', { mode: 0o644 })
    expect(await asked).toMatchObject({ kind: 'found' })
  })

  test.each([404, 204])('%i of the service is no config', async (status) => {
    const { answer } = await ask('cloudstack', { files: lease, exchanges: answers(URL, status) })
    expect(answer.kind).toBe('empty')
  })

  test('a lease that does not name its server leaves the drive', async () => {
    const emulator = await emulate([])
    const { fake, system, fetcher } = machineOf({ files: { [LEASE]: 'ADDRESS=10.1.1.2\n' } }, emulator)
    const asked = readPlatform({ system, fetcher, platform: 'cloudstack' })
    while (!fake.messages.some(({ message }) => message.includes('does not name its server')))
      await new Promise((resolve) => setImmediate(resolve))
    fake.files.write('/dev/disk/by-label/CONFIG-2', '', { mode: 0o600 })
    expect((await asked).kind).toBe('empty')
    expect(emulator.asked).toEqual([])
  })
})
