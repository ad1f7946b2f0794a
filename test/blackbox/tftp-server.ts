import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { bodies } from './http-server.ts'

/** RFC 1350: opcodes, and the bytes of a data block. */
const READ = 1
const DATA = 3
const ACKNOWLEDGE = 4
const ERROR = 5
const BLOCK_BYTES = 512

/** Listens on 127.0.0.1:69 and hands out the body whose name occurs in the name asked for. */
export async function startTftpServer(): Promise<Socket> {
  const server = createSocket('udp4')
  server.on('message', (packet, client) => {
    if (packet.readUInt16BE(0) !== READ) return
    const name = packet.toString('utf8', 2, packet.indexOf(0, 2))
    serve(name, client)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.bind(69, '127.0.0.1', resolve)
  })
  return server
}

/** A transfer has a port of its own. */
function serve(name: string, client: RemoteInfo): void {
  const body = name.includes('config')
    ? bodies.config
    : name.includes('contents')
      ? bodies.contents
      : undefined
  const transfer = createSocket('udp4')
  const send = (packet: Buffer) => transfer.send(packet, client.port, client.address)
  if (body === undefined) {
    transfer.send(packetOf(ERROR, 1, 'File not found\0'), client.port, client.address, () => transfer.close())
    return
  }
  const bytes = Buffer.from(body)
  const last = Math.floor(bytes.length / BLOCK_BYTES) + 1
  const sendBlock = (block: number) =>
    send(packetOf(DATA, block, bytes.subarray((block - 1) * BLOCK_BYTES, block * BLOCK_BYTES)))
  transfer.on('message', (packet) => {
    if (packet.readUInt16BE(0) !== ACKNOWLEDGE || packet.readUInt16BE(2) >= last) transfer.close()
    else sendBlock(packet.readUInt16BE(2) + 1)
  })
  transfer.bind(0, '127.0.0.1', () => sendBlock(1))
}

function packetOf(opcode: number, argument: number, rest: string | Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(opcode, 0)
  head.writeUInt16BE(argument, 2)
  return Buffer.concat([head, typeof rest === 'string' ? Buffer.from(rest) : rest])
}
