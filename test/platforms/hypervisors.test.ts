import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { Hypervisor } from '../../src/system/hypervisor-calls.ts'
import { type FakeOptions, fakeSystem } from '../helpers/fake-system.ts'
import { hyperv, type KvpPair, virtualbox, vmware } from '../helpers/hypervisors.ts'

async function read(platform: string, hypervisor: Partial<Hypervisor>, options: FakeOptions = {}) {
  const system = fakeSystem({ ...options, hypervisor })
  // none of them needs the network
  const fetcher = createFetcher({ system, offline: true })
  const answer = await readPlatform({ system, fetcher, platform })
  return {
    system,
    answer,
    text: answer.kind === 'found' ? new TextDecoder().decode(answer.bytes) : answer.kind,
  }
}

describe('hyperv', () => {
  const pair = (key: string, value: string, pool = 0): KvpPair => ({ pool, key, value })

  test.each([
    ['one key', [pair('ignition.config', '{}')], '{}'],
    ['an empty key, then parts', [pair('ignition.config', ''), pair('ignition.config.0', '{}')], '{}'],
    [
      'parts up to a gap',
      [pair('ignition.config.0', '{'), pair('ignition.config.1', '}'), pair('ignition.config.3', 'x')],
      '{}',
    ],
    ['the first of two', [pair('ignition.config', 'a'), pair('ignition.config', 'b')], 'a'],
    ['none', [pair('ignition.config.1', 'x')], 'empty'],
    ['the wrong pool', [pair('ignition.config', 'x', 2)], 'empty'],
    ['a key of many bytes', [pair('ignition.config', 'x'.repeat(2047))], 'x'.repeat(2047)],
  ])('%s', async (_, pairs, expected) => {
    const host = hyperv(pairs)
    expect((await read('hyperv', host.hypervisor)).text).toBe(expected)
    expect(host.replies.map((reply) => Buffer.from(reply).readUInt32LE())).toEqual(pairs.map(() => 0))
    expect(host.isClosed()).toBe(true)
  })

  test('all five pools become files of the daemon, whatever is in them', async () => {
    const { answer } = await read('hyperv', hyperv([pair('a', 'b', 3)]).hypervisor)
    const files = answer.kind === 'empty' ? (answer.files ?? []) : []
    expect(files.map(({ path, mode, overwrite }) => [path, mode, overwrite])).toEqual(
      [0, 1, 2, 3, 4].map((pool) => [`/var/lib/hyperv/.kvp_pool_${pool}`, 0o600, true]),
    )
    const contents = files.map(({ contents: { source } }) => Buffer.from(source.slice(13), 'base64'))
    expect(contents.map(({ length }) => length)).toEqual([0, 0, 0, 2560, 0])
    expect(contents[3]?.toString('latin1').replace(/\0+/g, '|')).toBe('a|b|')
  })

  test('a second stage, to which the host says nothing, finds the pairs in the files of the first', async () => {
    const first = await read(
      'hyperv',
      hyperv([pair('ignition.config.0', '{'), pair('ignition.config.1', '}')]).hypervisor,
    )
    const kept = first.answer.kind === 'found' ? (first.answer.files ?? []) : []
    const system = fakeSystem({ hypervisor: hyperv([pair('other', 'x', 4)]).hypervisor })
    const fetcher = createFetcher({ system, offline: false })
    const answer = await readPlatform({
      system,
      fetcher,
      platform: 'hyperv',
      kept: JSON.parse(JSON.stringify(kept)),
    })
    expect(answer.kind === 'found' && answer.files?.slice(0, 4)).toEqual(kept.slice(0, 4))
    expect(answer.kind === 'found' && Buffer.from(answer.bytes).toString()).toBe('{}')
  })

  test('what it does not know is refused, and the host goes on', async () => {
    const host = hyperv([], [hyperv([]).frame(2)])
    await read('hyperv', host.hypervisor)
    expect(host.replies.map((reply) => Buffer.from(reply).readUInt32LE())).toEqual([0x80004005])
  })

  test('a second without a message is the end', async () => {
    expect((await read('hyperv', hyperv([]).hypervisor)).system.monotonic()).toBe(1000)
  })

  test('the module is loaded when the driver is missing', async () => {
    const { system } = await read('hyperv', hyperv([]).hypervisor)
    expect(system.runs.map(({ program, args }) => [program, ...args])).toEqual([['modprobe', 'hv_utils']])
    const files = { '/sys/bus/vmbus/drivers/hv_utils': null }
    expect((await read('hyperv', hyperv([]).hypervisor, { files })).system.runs).toEqual([])
  })

  test('another machine', async () => {
    await expect(read('hyperv', {})).rejects.toMatchObject({
      code: 'FL_CONFIG_UNREADABLE',
      message: expect.stringContaining('"/dev/vmbus/hv_kvp"'),
    })
  })

  test('a short message is an error, and the device is closed', async () => {
    const host = hyperv([], [Buffer.alloc(5)])
    await expect(read('hyperv', host.hypervisor)).rejects.toThrow('a message has 5 bytes')
    expect(host.isClosed()).toBe(true)
  })
})

describe('virtualbox', () => {
  const CONFIG = '/Ignition/Config'
  const ENCODING = '/Ignition/Config/Encoding'
  const machine = (properties: Readonly<Record<string, string>>) =>
    virtualbox(new Map(Object.entries(properties)))

  test.each([
    ['set', { [CONFIG]: '{}\0TRANSIENT\0' }, '{}'],
    ['set, with an empty encoding', { [CONFIG]: '{}\0\0', [ENCODING]: '\0\0' }, '{}'],
    ['empty', { [CONFIG]: '\0\0' }, 'empty'],
    ['not set', {}, 'empty'],
  ])('%s', async (_, properties, expected) => {
    const host = machine(properties)
    expect((await read('virtualbox', host.hypervisor)).text).toBe(expected)
    expect(host.calls.at(-1)).toBe('close')
    expect(host.clients()).toBe(0)
  })

  test('an encoding is an error', async () => {
    const host = machine({ [CONFIG]: 'e30=\0\0', [ENCODING]: 'base64\0\0' })
    await expect(read('virtualbox', host.hypervisor)).rejects.toThrow('names an encoding')
    expect(host.clients()).toBe(0)
  })

  test('a value without an end is an error', async () => {
    await expect(read('virtualbox', machine({ [CONFIG]: '{}' }).hypervisor)).rejects.toThrow('does not end')
  })

  test('another machine', async () => {
    await expect(read('virtualbox', {})).rejects.toThrow('cannot open "/dev/vboxguest"')
  })
})

describe('vmware', () => {
  const DATA = 'guestinfo.ignition.config.data'
  const ENCODING = `${DATA}.encoding`
  const OVF = 'guestinfo.ovfenv'
  const machine = (variables: Readonly<Record<string, string>>) => vmware(new Map(Object.entries(variables)))
  const ovf = (properties: Readonly<Record<string, string>>) =>
    `<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"><PropertySection>${Object.entries(
      properties,
    )
      .map(([key, value]) => `<Property oe:key="${key}" oe:value="${value}"/>`)
      .join('')}</PropertySection></Environment>`
  const zipped = gzipSync('{}').toString('base64')

  test.each([
    ['', '{}'],
    ['b64', 'e30='],
    ['base64', 'e30='],
    ['gz+b64', zipped],
    ['gz+base64', zipped],
    ['gzip+b64', zipped],
    ['gzip+base64', zipped],
  ])('encoding %j', async (encoding, data) => {
    expect((await read('vmware', machine({ [DATA]: data, [ENCODING]: encoding }).hypervisor)).text).toBe('{}')
  })

  test.each([
    ['no base64', { [DATA]: '{}', [ENCODING]: 'base64' }, 'FL_CONFIG_INVALID'],
    ['no gzip', { [DATA]: 'x', [ENCODING]: 'gzip' }, 'FL_DECOMPRESS'],
    ['an unknown encoding', { [DATA]: 'x', [ENCODING]: 'xz' }, 'FL_CONFIG_UNREADABLE'],
    ['an inherited name', { [DATA]: 'x', [ENCODING]: 'constructor' }, 'FL_CONFIG_UNREADABLE'],
  ])('%s is an error', async (_, variables, code) => {
    await expect(read('vmware', machine(variables).hypervisor)).rejects.toMatchObject({ code })
  })

  test.each([
    ['the OVF environment', { [OVF]: ovf({ [DATA]: 'e30=', [ENCODING]: 'base64' }) }],
    ['variables before the OVF environment', { [OVF]: ovf({ [DATA]: 'x' }), [DATA]: '{}' }],
    ['data of a variable, encoding of OVF', { [OVF]: ovf({ [ENCODING]: 'base64' }), [DATA]: 'e30=' }],
    ['data of OVF, encoding of a variable', { [OVF]: ovf({ [DATA]: 'e30=' }), [ENCODING]: 'base64' }],
  ])('%s', async (_, variables) => {
    expect((await read('vmware', machine(variables).hypervisor)).text).toBe('{}')
  })

  test('an OVF environment that is no XML counts as empty', async () => {
    const { system, text } = await read('vmware', machine({ [OVF]: '<a><b></a>', [DATA]: '{}' }).hypervisor)
    expect(text).toBe('{}')
    expect(system.messages.filter(({ level }) => level === 'warning')).toHaveLength(1)
  })

  test('nothing is set', async () => {
    const host = machine({})
    expect((await read('vmware', host.hypervisor)).text).toBe('empty')
    expect(host.openChannels()).toBe(0)
  })

  test('a value of any length arrives whole, also when snapshots interrupt', async () => {
    for (const length of [1, 2, 3, 4, 5, 1000]) {
      const value = 'ä'.repeat(length)
      const host = vmware(new Map([[DATA, value]]), { interruptAt: [1, 9, 30, 42] })
      expect((await read('vmware', host.hypervisor)).text).toBe(value)
      expect(host.openChannels()).toBe(0)
    }
  })

  test('snapshots without end are an error', async () => {
    const interruptAt = Array.from({ length: 1000 }, (_, index) => index)
    const host = vmware(new Map(), { interruptAt })
    await expect(read('vmware', host.hypervisor)).rejects.toThrow('was interrupted too often')
  })

  test('an old VMware, whose channels have no cookie', async () => {
    const host = vmware(new Map([[DATA, '{}']]), { cookies: false })
    expect((await read('vmware', host.hypervisor)).text).toBe('{}')
  })

  test.each([
    ['no hypervisor', 0, 'VMwareVMware'],
    ['another hypervisor', 0x80000000, 'KVMKVMKVM\0\0\0'],
  ])('%s: the port is left alone', async (_, ecx, vendor) => {
    const [ebx = 0, third = 0, edx = 0] = [0, 4, 8].map((at) => Buffer.from(vendor).readUInt32LE(at))
    const execute: Hypervisor['execute'] = (instruction, registers) => {
      if (instruction === 'in') throw new Error('SIGSEGV')
      return registers.eax === 1 ? { ...registers, ecx } : { ...registers, ebx, ecx: third, edx }
    }
    expect((await read('vmware', { execute })).text).toBe('absent')
  })
})

describe('applehv', () => {
  test('one question to the host; its status does not matter', async () => {
    const { system, text } = await read('applehv', {}, { server: () => ({ status: 404, body: '{}' }) })
    expect(text).toBe('{}')
    expect(system.requests).toMatchObject([
      {
        method: 'GET',
        vsock: { cid: 2, port: 1024 },
        headers: [
          ['Accept', 'application/json'],
          ['Connection', 'close'],
        ],
      },
    ])
    expect(system.runs.map(({ program, args }) => [program, ...args])).toEqual([['modprobe', 'vsock']])
  })

  test('the module is there', async () => {
    const files = { '/sys/devices/virtual/misc/vsock': null }
    expect((await read('applehv', {}, { files, server: () => ({ body: '{}' }) })).system.runs).toEqual([])
  })

  test('nothing', async () => {
    expect((await read('applehv', {}, { server: () => ({ body: '' }) })).text).toBe('empty')
  })

  test('nobody there is an error at once', async () => {
    await expect(read('applehv', {})).rejects.toMatchObject({
      code: 'FL_CONFIG_UNREADABLE',
      message: expect.stringContaining('vsock port 1024 of CID 2: connect ECONNREFUSED'),
    })
  })
})

describe('qemu without a firmware configuration device', () => {
  const DISK = '/dev/disk/by-id/virtio-ignition'

  test.each(['s390x', 'ppc64'])('%s: a disk is the config', async (architecture) => {
    const { system, text } = await read('qemu', {}, { architecture, files: { [DISK]: '{}\n\0\0\0' } })
    expect(text).toBe('{}\n')
    expect(system.runs.map(({ args }) => args)).toEqual([['virtio_blk']])
  })

  test('an empty disk', async () => {
    expect((await read('qemu', {}, { architecture: 's390x', files: { [DISK]: '\0\0' } })).text).toBe('empty')
  })

  test('five minutes without the disk are an error', async () => {
    const system = fakeSystem({ architecture: 's390x' })
    const fetcher = createFetcher({ system, offline: true })
    await expect(readPlatform({ system, fetcher, platform: 'qemu' })).rejects.toMatchObject({
      code: 'FL_DEVICE_MISSING',
    })
    expect(system.monotonic()).toBe(300_000)
    // after 5, 10, 20, 40, 80 and 160 seconds
    expect(system.messages.filter(({ level }) => level === 'notice')).toHaveLength(6)
  })
})
