import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readPlatform } from '../../src/platforms/read.ts'
import { usesNetwork } from '../../src/platforms/source.ts'
import { platformIds, platforms } from '../../src/platforms/table.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { Exchange } from '../helpers/emulator.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { ask, type PlatformCase as Case, CONFIG, caseOf, fixtures } from '../helpers/platform-case.ts'

const built = platformIds

test('every platform that is built has a folder, and no other', () => {
  expect(readdirSync(fixtures).sort()).toEqual([...built].sort())
})

describe('the config is found', () => {
  test.each(built)('%s', async (platform) => {
    const given = caseOf(platform)
    const { emulator, answer, text } = await ask(platform, given)
    if (given.answer === 'empty') expect(answer.kind).toBe('empty')
    else expect({ text, answer }).toMatchObject({ text: CONFIG, answer: { kind: 'found', source: platform } })
    const expected = (given.exchanges ?? []).map(({ request }) => `${request.method} ${request.url}`)
    // a race has no order, and asks a server that is in trouble more than once
    if (platforms[platform]?.kind === 'race') expect(new Set(emulator.asked)).toEqual(new Set(expected))
    else expect(emulator.asked).toEqual(expected)
  })

  test('scaleway is asked from a port that only root may use', async () => {
    const { emulator } = await ask('scaleway', caseOf('scaleway'))
    expect(emulator.ports.every((port) => port > 0 && port < 1024)).toBe(true)
  })
})

const services = built.filter((id) => platforms[id]?.kind === 'http')

/** The case with another answer to its last question. */
const answering = (platform: string, response: Exchange['response']): Case => {
  const { exchanges = [] } = caseOf(platform)
  return {
    exchanges: exchanges.map((one, index) => (index === exchanges.length - 1 ? { ...one, response } : one)),
  }
}

describe('there is no config', () => {
  test.each(services)('%s: empty', async (platform) => {
    expect((await ask(platform, answering(platform, { status: 200, body: '' }))).answer.kind).toBe('empty')
    expect((await ask(platform, answering(platform, { status: 204 }))).answer.kind).toBe('empty')
  })

  test.each(services)('%s: 404', async (platform) => {
    const asked = ask(platform, answering(platform, { status: 404, body: 'no' }))
    if (['akamai', 'digitalocean', 'packet'].includes(platform)) await expect(asked).rejects.toThrow('404')
    else expect((await asked).answer.kind).toBe('empty')
  })

  test.each(services)('%s: refused', async (platform) => {
    await expect(ask(platform, answering(platform, { status: 403 }))).rejects.toThrow('403')
  })

  test.each(['ibmcloud', 'proxmoxve'])('%s: no drive in 30 s', async (platform) => {
    const { fake, answer } = await ask(platform, {})
    expect(answer.kind).toBe('empty')
    expect(fake.slept.reduce((sum, one) => sum + one, 0)).toBe(30_000)
    expect(fake.messages.filter(({ level }) => level === 'notice')).toHaveLength(3)
  })

  test.each(['ibmcloud', 'nutanix', 'powervs', 'proxmoxve', 'kubevirt'])(
    '%s: a drive without it',
    async (platform) => {
      const { drive } = caseOf(platform)
      expect((await ask(platform, { drive: { label: drive?.label ?? '', files: {} } })).answer.kind).toBe(
        'empty',
      )
    },
  )

  test('proxmoxve: only a config of cloud-init', async () => {
    const files = { '/user-data': '#cloud-config\n' }
    expect((await ask('proxmoxve', { drive: { label: 'cidata', files } })).answer.kind).toBe('empty')
  })

  test.each(['', '\0\0'])('nvidiabluefield: %j', async (content) => {
    const path = '/sys/bus/platform/devices/MLNXBF04:00/bootfifo'
    expect((await ask('nvidiabluefield', { files: { [path]: content } })).answer.kind).toBe('empty')
    expect((await ask('nvidiabluefield', {})).answer.kind).toBe('empty')
  })
})

describe('tokens', () => {
  const withToken = (platform: string, response: Exchange['response']): Case => {
    const [first, ...rest] = caseOf(platform).exchanges ?? []
    return { exchanges: first ? [{ ...first, response }, ...rest] : [] }
  }

  test('aws without tokens is asked in the old way', async () => {
    const { exchanges = [] } = withToken('aws', { status: 404 })
    const without = exchanges.map(({ request: { method, url }, response }) => ({
      request: { method, url },
      response,
    }))
    expect((await ask('aws', { exchanges: without })).text).toBe(CONFIG)
  })

  test.each(['aws', 'akamai'])('%s: an empty token is an error', async (platform) => {
    await expect(ask(platform, withToken(platform, { status: 200, body: '' }))).rejects.toThrow(
      'empty session token',
    )
  })

  test('akamai cannot go without', async () => {
    await expect(ask('akamai', withToken('akamai', { status: 404 }))).rejects.toThrow('404')
  })
})

describe('encodings', () => {
  test.each(['akamai', 'oraclecloud'])('%s: what is no base64 is an error', async (platform) => {
    for (const body of ['{}', 'YQ', 'YQ=', 'Y=Q='])
      await expect(ask(platform, answering(platform, { status: 200, body }))).rejects.toThrow('is not base64')
  })

  test('akamai: gzip inside', async () => {
    const { gzipSync } = await import('node:zlib')
    const body = gzipSync(CONFIG).toString('base64')
    expect((await ask('akamai', answering('akamai', { status: 200, body }))).text).toBe(CONFIG)
    const broken = gzipSync(CONFIG).subarray(0, 12).toString('base64')
    await expect(ask('akamai', answering('akamai', { status: 200, body: broken }))).rejects.toMatchObject({
      code: 'FL_DECOMPRESS',
    })
  })
})

test.each(built.filter((id) => usesNetwork(platforms[id] ?? { kind: 'none' })))(
  '%s waits for the network, and asks nobody before',
  async (platform) => {
    const system = fakeSystem()
    const fetcher = createFetcher({ system, offline: true })
    expect(await readPlatform({ system, fetcher, platform })).toEqual({ kind: 'needs-network' })
    expect(system.requests).toEqual([])
  },
)

describe('a race', () => {
  test('kubevirt takes the drive that is there', async () => {
    const drive = { label: 'config-2', files: { '/openstack/latest/user_data': CONFIG } }
    expect((await ask('kubevirt', { drive })).text).toBe(CONFIG)
  })
})
