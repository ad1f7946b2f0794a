import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { Device, Hypervisor } from './hypervisor-calls.ts'
import { executeInstruction } from './machine-code.ts'
import { systemError } from './system-error.ts'

/** `man 2 poll`, `man 2 ioctl`. */
const signatures = {
  __errno_location: { return: 'pointer', arguments: [] },
  poll: { return: 'int32', arguments: ['buffer', 'uint64', 'int32'] },
  ioctl: { return: 'int32', arguments: ['int32', 'uint64', 'buffer'] },
} as const

const POLLIN = 1

const load = () => process.getBuiltinModule('node:ffi').dlopen('libc.so.6', signatures).functions

let loaded: ReturnType<typeof load> | undefined

function libc(): ReturnType<typeof load> {
  loaded ??= load()
  return loaded
}

/** Throws a system error when a call answered -1. */
function check(result: number, syscall: string, path: string): number {
  if (result >= 0) return result
  const { getInt32 } = process.getBuiltinModule('node:ffi')
  throw systemError(getInt32(libc().__errno_location()), syscall, path)
}

/** The same bytes as a Buffer, which is what a call takes. */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function openDevice(path: string): Device {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  return {
    isReadable() {
      // struct pollfd: descriptor, events wanted, events seen
      const wanted = Buffer.alloc(8)
      new DataView(wanted.buffer, wanted.byteOffset).setInt32(0, descriptor, isLittleEndian)
      new DataView(wanted.buffer, wanted.byteOffset).setInt16(4, POLLIN, isLittleEndian)
      return check(libc().poll(wanted, 1n, 0), 'poll', path) > 0
    },
    read(length) {
      const buffer = Buffer.alloc(length)
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, null))
    },
    write(message) {
      const count = writeSync(descriptor, message)
      if (count !== message.length)
        throw new Error(`only ${count} of ${message.length} bytes went to "${path}"`)
    },
    control(request, structure) {
      check(libc().ioctl(descriptor, BigInt(request), view(structure)), 'ioctl', path)
    },
    close: () => closeSync(descriptor),
  }
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export const hypervisor: Hypervisor = {
  openDevice,
  addressOf: (bytes) => process.getBuiltinModule('node:ffi').getRawPointer(view(bytes)),
  execute: executeInstruction,
}
