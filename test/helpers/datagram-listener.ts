import { dlopen, getRawPointer } from 'node:ffi'
import { onTestFinished } from 'vitest'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40

/** `sys/socket.h`: `SO_PASSCRED`, and where recvmsg(2) then puts the sender's process id. */
const SOL_SOCKET = 1
const SO_PASSCRED = 16
const pidOffset = 16

interface Listener {
  receive(): string | undefined
  /** The process that the next datagram comes from, as the kernel says it. */
  receiveSender(): number | undefined
}

/** Listens for AF_UNIX datagrams at a path until the test is over, as journald does. */
export function listenForDatagrams(path: string): Listener {
  const { functions, lib } = dlopen('libc.so.6', {
    socket: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
    bind: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
    recv: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32'] },
    recvmsg: { return: 'int64', arguments: ['int32', 'buffer', 'int32'] },
    setsockopt: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'] },
    close: { return: 'int32', arguments: ['int32'] },
  })
  const descriptor = functions.socket(AF_UNIX, SOCK_DGRAM, 0)
  const address = Buffer.concat([Buffer.from(new Uint16Array([AF_UNIX]).buffer), Buffer.from(`${path}\0`)])
  if (functions.bind(descriptor, address, address.length) !== 0) throw new Error(`cannot listen at ${path}`)
  functions.setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, Buffer.from(new Int32Array([1]).buffer), 4)
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
    receiveSender() {
      const control = Buffer.alloc(64)
      const vector = Buffer.alloc(16)
      vector.writeBigUInt64LE(getRawPointer(buffer))
      vector.writeBigUInt64LE(BigInt(buffer.length), 8)
      // struct msghdr of 64-bit Linux, without an address
      const header = Buffer.alloc(56)
      header.writeBigUInt64LE(getRawPointer(vector), 16)
      header.writeBigUInt64LE(1n, 24)
      header.writeBigUInt64LE(getRawPointer(control), 32)
      header.writeBigUInt64LE(BigInt(control.length), 40)
      const length = Number(functions.recvmsg(descriptor, header, MSG_DONTWAIT))
      return length < 0 || vector.length === 0 ? undefined : control.readInt32LE(pidOffset)
    },
  }
}
