import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectStream, requestOver, vsockAddress } from '../../src/system/vsock.ts'
import { plainRequest, realSystem, textOf } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'

const open = async () => realSystem().system.openHypervisor()

describe('a device', () => {
  async function openPipe() {
    const path = `${scratchDirectory()}/pipe`
    spawnSync('mkfifo', [path])
    const device = (await open()).openDevice(path)
    onTestFinished(() => device.close())
    return device
  }

  test('is asked before it is read', async () => {
    const device = await openPipe()
    expect(device.isReadable()).toBe(false)
    device.write(Buffer.from('message'))
    expect(device.isReadable()).toBe(true)
    expect(Buffer.from(device.read(7432)).toString()).toBe('message')
    expect(device.isReadable()).toBe(false)
  })

  test('changes the structure of a control', async () => {
    const device = await openPipe()
    device.write(Buffer.from('12345'))
    // a part of a larger array: FIONREAD of asm-generic/ioctls.h says how many bytes wait
    const memory = new Uint8Array(64)
    device.control(0x541b, memory.subarray(8, 12))
    expect(new DataView(memory.buffer).getInt32(8, true)).toBe(5)
    expect(() => device.control(0x5326, new Uint8Array(4))).toThrow('ENOTTY')
  })

  test('that is not there', async () => {
    const { openDevice } = await open()
    expect(() => openDevice('/dev/none')).toThrow('ENOENT')
  })
})

test('the address of bytes is where they are', async () => {
  const { addressOf } = await open()
  const memory = new Uint8Array(16).fill(7)
  const { getUint8 } = process.getBuiltinModule('node:ffi')
  memory[5] = 42
  expect(addressOf(memory.subarray(4)) - addressOf(memory)).toBe(4n)
  expect(getUint8(addressOf(memory.subarray(4)), 1)).toBe(42)
})

test('an instruction gets and gives its registers', async () => {
  const { execute } = await open()
  const registers = { eax: 0, ebx: 1, ecx: 0, edx: 3, esi: 0x89abcdef, edi: 0xffffffff }
  if (process.arch !== 'x64') {
    expect(() => execute('cpuid', registers)).toThrow('not supported on this architecture')
    return
  }
  const { ebx, ecx, edx, esi, edi } = execute('cpuid', registers)
  const words = Buffer.alloc(12)
  for (const [index, word] of [ebx, edx, ecx].entries()) words.writeUInt32LE(word, index * 4)
  expect(readFileSync('/proc/cpuinfo', 'utf8')).toContain(words.toString())
  expect([esi, edi]).toEqual([0x89abcdef, 0xffffffff])
})

describe('the host over AF_VSOCK', () => {
  test('is refused outside an initramfs, before a socket is made', async () => {
    const { system } = realSystem()
    const asked = system.request(plainRequest('http://d/', { vsock: { cid: 2, port: 1024 } }))
    await expect(asked).rejects.toMatchObject({ code: 'FL_ADDRESS_REFUSED' })
  })

  test('has an address as the kernel wants it', () => {
    expect([...vsockAddress({ cid: 2, port: 1024 })]).toEqual([
      40, 0, 0, 0, 0, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
    ])
  })

  /** The same code over another family of sockets: a server on a path. */
  async function startHost(body: string, status = 200) {
    const path = `${scratchDirectory()}/socket`
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.rawHeaders.join(' ')}`)
      response.statusCode = status
      response.end(body)
    })
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)])
    return { address, asked }
  }

  test('is asked with just the headers given', async () => {
    const { address, asked } = await startHost('{}', 404)
    const headers = [
      ['Accept', 'application/json'],
      ['Connection', 'close'],
    ] as const
    const { status, body } = await requestOver(
      connectStream(address, 'host'),
      plainRequest('http://d/', { headers }),
    )
    expect([status, await textOf(body)]).toEqual([404, '{}'])
    expect(asked).toEqual(['GET / Host d Accept application/json Connection close'])
  })

  test('may send much', async () => {
    const large = 'x'.repeat(3_000_000)
    const { address } = await startHost(large)
    const { body } = await requestOver(connectStream(address, 'host'), plainRequest('http://d/'))
    expect((await textOf(body)).length).toBe(large.length)
  })

  test('that is not there is an error of the system', () => {
    const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${scratchDirectory()}/none\0`)])
    expect(() => connectStream(address, 'host')).toThrow("ENOENT: no such file or directory, connect 'host'")
  })
})
