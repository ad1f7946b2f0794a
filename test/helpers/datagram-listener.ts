import { dlopen } from 'node:ffi'
import { onTestFinished } from 'vitest'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40

/** Listens for AF_UNIX datagrams at a path until the test is over, as journald does. */
export function listenForDatagrams(path: string): { receive(): string | undefined } {
  const { functions, lib } = dlopen('libc.so.6', {
    socket: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
    bind: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
    recv: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32'] },
    close: { return: 'int32', arguments: ['int32'] },
  })
  const descriptor = functions.socket(AF_UNIX, SOCK_DGRAM, 0)
  const address = Buffer.concat([Buffer.from(new Uint16Array([AF_UNIX]).buffer), Buffer.from(`${path}\0`)])
  if (functions.bind(descriptor, address, address.length) !== 0) throw new Error(`cannot listen at ${path}`)
  onTestFinished(() => {
    functions.close(descriptor)
    lib.close()
  })
  const buffer = Buffer.alloc(1 << 18)
  return {
    receive() {
      const length = Number(functions.recv(descriptor, buffer, BigInt(buffer.length), MSG_DONTWAIT))
      return length < 0 ? undefined : buffer.toString('utf8', 0, length)
    },
  }
}
