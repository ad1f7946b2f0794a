import { IgnitionError } from '../errors.ts'
import type { Datagram, UdpSocket } from '../system/network.ts'
import type { System } from '../system/system.ts'
import { describeCause } from './cause.ts'
import { createPatience } from './patience.ts'
import { showUrl } from './show-url.ts'

/** RFC 1350: operation codes, size of every block but the last, and where servers listen. */
const READ = 1
const DATA = 3
const ACKNOWLEDGE = 4
const ERROR = 5
const blockBytes = 512
const defaultPort = 69

/** As the reference: how long an answer may take, and how often the last packet is sent again. */
const answerMilliseconds = 5000
const maximumRepeats = 5

export interface TftpFetch {
  readonly system: System
  readonly url: string
  /** Takes the file as it arrives. */
  readonly write: (chunk: Uint8Array) => Promise<void>
}

interface Server {
  readonly host: string
  readonly port: number
  /** Decoded, with its leading slash. */
  readonly path: string
}

interface Exchange {
  readonly system: System
  readonly socket: UdpSocket
  readonly shown: string
  /** Where the next packet goes: the first answer comes from a port of its own and keeps it. */
  port: number
  locked: boolean
}

/** Reads a file by TFTP in binary mode, without options. Throws `FL_FETCH`. */
export async function fetchTftp({ system, url, write }: TftpFetch): Promise<void> {
  const server = parseServer(url)
  const shown = showUrl(url)
  const patience = createPatience({ system, what: shown, host: server.host })
  return patience.explaining(async () => {
    const socket = await open(system, server.host, shown)
    const exchange: Exchange = { system, socket, shown, port: server.port, locked: false }
    try {
      let packet = readRequest(server.path)
      for (let block = 1; ; block = (block + 1) % 0x10000) {
        const content = await fetchBlock(exchange, packet, block)
        patience.refresh()
        const isLast = content.length < blockBytes
        await write(content)
        packet = words(ACKNOWLEDGE, block)
        if (!isLast) continue
        await send(exchange, packet)
        return
      }
    } finally {
      socket.close()
    }
  })
}

async function open(system: System, host: string, shown: string): Promise<UdpSocket> {
  try {
    return await system.openUdp(host)
  } catch (cause) {
    if (cause instanceof IgnitionError) throw cause
    throw new IgnitionError({ code: 'FL_FETCH', message: `${shown}: ${describeCause(cause)}`, cause })
  }
}

/** Sends a packet until the block that answers it arrives. */
async function fetchBlock(exchange: Exchange, packet: Uint8Array, block: number): Promise<Uint8Array> {
  const { system, shown } = exchange
  for (let repeat = 0; repeat <= maximumRepeats; repeat += 1) {
    if (repeat > 0) {
      system.log('info', `${shown}: no answer; repeat #${repeat}`)
      // Up to a second, so that many machines that boot at once do not repeat at once.
      await system.sleep(((system.random(1)[0] ?? 0) / 256) * 1000, 'server')
    }
    await send(exchange, packet)
    const content = await receiveBlock(exchange, block)
    if (content) return content
  }
  throw new IgnitionError({
    code: 'FL_FETCH_TIMEOUT',
    message: `${shown}: the TFTP server did not answer block ${block}`,
  })
}

/** A packet that cannot be sent is one that is not answered: the network may be coming up. */
async function send({ system, socket, shown, port }: Exchange, data: Uint8Array): Promise<void> {
  try {
    await socket.send({ data, port })
  } catch (cause) {
    system.log('info', `${shown}: ${describeCause(cause)}`)
  }
}

async function receiveBlock(exchange: Exchange, block: number): Promise<Uint8Array | undefined> {
  const { system, socket, shown } = exchange
  const end = system.monotonic() + answerMilliseconds
  for (;;) {
    const left = end - system.monotonic()
    const datagram = left > 0 ? await socket.receive(left) : undefined
    if (!datagram) return undefined
    if (exchange.locked && datagram.port !== exchange.port) continue
    const content = contentOf(datagram, block, shown)
    if (!content) continue
    exchange.port = datagram.port
    exchange.locked = true
    return content
  }
}

/** Undefined for a packet that is not the block waited for: an earlier one that came twice. */
function contentOf({ data }: Datagram, block: number, shown: string): Uint8Array | undefined {
  if (data.length < 4) return undefined
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const [operation, number] = [view.getUint16(0), view.getUint16(2)]
  if (operation === ERROR) {
    const words = new TextDecoder().decode(data.subarray(4)).replace(/\0.*$/s, '')
    throw new IgnitionError({ code: 'FL_FETCH', message: `${shown}: code: ${number}, message: ${words}` })
  }
  return operation === DATA && number === block ? data.subarray(4) : undefined
}

const readRequest = (path: string) => Buffer.concat([Buffer.of(0, READ), Buffer.from(`${path}\0octet\0`)])

const words = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]))

function parseServer(url: string): Server {
  const pattern = /^tftp:\/\/(?:[^/?#]*@)?(?:\[([^\]/?#]+)\]|([^:/?#]+))(?::(\d+))?(\/[^?#]*)?/i
  const [, address, name, port, path = ''] = pattern.exec(url) ?? []
  const host = address ?? name
  if (host === undefined)
    throw new IgnitionError({ code: 'FL_FETCH', message: `${showUrl(url)} does not name a TFTP server` })
  return { host, port: port === undefined ? defaultPort : Number(port), path: decode(path) }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
