import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { createFetcher } from '../../src/resources/fetch.ts'
import { realSystem } from '../helpers/real-system.ts'

/** A real UDP socket on loopback until the test is over. */
async function socketAt(port = 0) {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => void socket.bind(port, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return socket
}

test('a file over a real socket, from a server that answers from another port', async () => {
  const content = Buffer.alloc(1300, 'q')
  const [listener, sender] = [await socketAt(), await socketAt()]
  listener.on('message', (request, { port }) => {
    expect(request.toString('latin1')).toBe('\0\u0001/some/file\0octet\0')
    sendBlock(1, port)
  })
  sender.on('message', (packet, { port }) => sendBlock(packet.readUInt16BE(2) + 1, port))
  const sendBlock = (block: number, port: number) => {
    const part = content.subarray((block - 1) * 512, block * 512)
    if (part.length > 0) sender.send(Buffer.concat([Buffer.of(0, 3, 0, block), part]), port, '127.0.0.1')
  }
  const fetcher = createFetcher({ system: realSystem().system, offline: false })
  const bytes = await fetcher.toMemory({ source: `tftp://127.0.0.1:${listener.address().port}/some/file` })
  expect(Buffer.compare(bytes, content)).toBe(0)
})

test('a name is resolved, link-local addresses are refused', async () => {
  const { system } = realSystem()
  const server = await socketAt()
  const socket = await system.openUdp('localhost')
  await socket.send({ data: Buffer.from('ping'), port: server.address().port })
  expect(await socket.receive(10)).toBeUndefined()
  socket.close()
  await expect(system.openUdp('169.254.169.254')).rejects.toMatchObject({ code: 'FL_ADDRESS_REFUSED' })
  await expect(system.openUdp('2852039166')).rejects.toMatchObject({ code: 'FL_ADDRESS_REFUSED' })
})
