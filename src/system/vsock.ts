import { close, read, write } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { Duplex } from 'node:stream'
import { reveal } from '../secret.ts'
import { joinHeaders } from './http-headers.ts'
import type { HttpRequest, HttpResponse, VsockAddress } from './network.ts'
import { systemError } from './system-error.ts'

/** `man 2 socket`, `man 2 connect`. */
const signatures = {
  __errno_location: { return: 'pointer', arguments: [] },
  socket: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
  connect: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
  close: { return: 'int32', arguments: ['int32'] },
} as const

const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0o2000000
const AF_VSOCK = 40

/** `struct sockaddr_vm`: family, nothing, port, CID, nothing; `linux/vm_sockets.h`. */
export function vsockAddress({ cid, port }: VsockAddress): Buffer {
  const words = new Uint16Array([AF_VSOCK, 0])
  const numbers = new Uint32Array([port, cid, 0])
  return Buffer.concat([Buffer.from(words.buffer), Buffer.from(numbers.buffer)])
}

/** A connection of any family that libc knows; the address begins with the family. Throws a system error. */
export function connectStream(address: Buffer, name: string): Duplex {
  const ffi = process.getBuiltinModule('node:ffi')
  const { functions } = ffi.dlopen('libc.so.6', signatures)
  const [family = 0] = new Uint16Array(address.buffer.slice(address.byteOffset, address.byteOffset + 2))
  const descriptor = functions.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw systemError(ffi.getInt32(functions.__errno_location()), 'socket', name)
  if (functions.connect(descriptor, address, address.length) < 0) {
    const errno = ffi.getInt32(functions.__errno_location())
    functions.close(descriptor)
    throw systemError(errno, 'connect', name)
  }
  return streamOf(descriptor)
}

/** Node's sockets know no other families than its own, so this reads and writes like a file. */
function streamOf(descriptor: number): Duplex {
  return new Duplex({
    read(size) {
      const chunk = Buffer.alloc(size)
      read(descriptor, chunk, 0, size, null, (error, count) => {
        if (error) this.destroy(error)
        else this.push(count === 0 ? null : chunk.subarray(0, count))
      })
    },
    write(chunk: Buffer, _encoding, done) {
      write(descriptor, chunk, 0, chunk.length, null, (error, count) => {
        if (error) done(error)
        else if (count === chunk.length) done()
        else this._write(chunk.subarray(count), 'latin1', done)
      })
    },
    destroy(error, done) {
      close(descriptor, (failure) => done(error ?? failure))
    },
  })
}

/** One request over a connection that is there. */
export async function requestOver(
  stream: Duplex,
  { method, url, headers, timeouts }: HttpRequest,
): Promise<HttpResponse> {
  const { host, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => stream,
      method,
      path: `${pathname}${search}`,
      setHost: false,
      headers: { Host: host, ...Object.fromEntries(headers.map(([name, value]) => [name, reveal(value)])) },
    })
    const seconds = timeouts.responseHeadersSeconds
    const late = () => request.destroy(new Error(`no response within ${seconds} s`))
    const timer = seconds > 0 ? setTimeout(late, seconds * 1000) : undefined
    request.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.once('response', (response) => {
      clearTimeout(timer)
      resolve({
        status: response.statusCode ?? 0,
        headers: joinHeaders(response.headers),
        body: response,
      })
    })
    request.end()
  })
}
