import type { dlopen } from 'node:ffi'
import { closeSync, constants, openSync } from 'node:fs'
import { messageFrom } from './credentials.ts'
import type { MountFlag, MountOptions } from './system.ts'
import { systemError } from './system-error.ts'

/** What the door calls in libc: `man 2 mount`, `man 2 umount`, `man 2 syncfs`, `man 2 flock`, `man 3 mkfifo`, `man 7 unix`. */
const signatures = {
  __errno_location: { return: 'pointer', arguments: [] },
  mount: { return: 'int32', arguments: ['string', 'string', 'string', 'uint64', 'string'] },
  umount2: { return: 'int32', arguments: ['string', 'int32'] },
  madvise: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  syncfs: { return: 'int32', arguments: ['int32'] },
  flock: { return: 'int32', arguments: ['int32', 'int32'] },
  mkfifo: { return: 'int32', arguments: ['string', 'uint32'] },
  socket: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
  sendto: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'uint32'] },
  sendmsg: { return: 'int64', arguments: ['int32', 'buffer', 'int32'] },
  connect: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
  close: { return: 'int32', arguments: ['int32'] },
} as const

/** `linux/mount.h`. */
const mountFlags: Readonly<Record<MountFlag, number>> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  dirsync: 128,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  move: 8192,
  rec: 16384,
  silent: 32768,
  private: 1 << 18,
  slave: 1 << 19,
  relatime: 1 << 21,
}

/** `sys/socket.h`: family, type with close-on-exec, and the flag that a full queue is an error, not a wait. */
const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const sendFlags = MSG_DONTWAIT | MSG_NOSIGNAL

interface Libc {
  readonly functions: ReturnType<typeof dlopen<typeof signatures>>['functions']
  readonly errno: () => number
}

let loaded: Libc | undefined

/** Opened at the first call, so that a stage that needs none of it does not pay for it. */
function libc(): Libc {
  if (loaded) return loaded
  const ffi = process.getBuiltinModule('node:ffi')
  const { functions } = ffi.dlopen('libc.so.6', signatures)
  loaded = { functions, errno: () => ffi.getInt32(functions.__errno_location()) }
  return loaded
}

/** Throws an error like Node's own (`code`, `syscall`, `path`) when a call answered -1. */
function check(result: number | bigint, syscall: string, path: string): number {
  if (Number(result) >= 0) return Number(result)
  const errno = libc().errno()
  throw systemError(errno, syscall, path)
}

export function mount({ source, target, type, flags, data }: MountOptions): void {
  const bits = flags.reduce((sum, flag) => sum | mountFlags[flag], 0)
  check(libc().functions.mount(source, target, type, BigInt(bits), data), 'mount', target)
}

export function unmount(target: string): void {
  check(libc().functions.umount2(target, 0), 'umount', target)
}

/** Flushes the filesystem that holds `path`. */
export function syncFilesystem(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    check(libc().functions.syncfs(descriptor), 'syncfs', path)
  } finally {
    closeSync(descriptor)
  }
}

/** `asm-generic/mman-common.h`. */
const MADV_DONTNEED = 4

/** The pages of a mapping are taken from its file again when they are needed: madvise(2). */
export function giveBackPages(start: bigint, end: bigint): void {
  check(libc().functions.madvise(start, end - start, MADV_DONTNEED), 'madvise', `0x${start.toString(16)}`)
}

/** `sys/file.h`: exclusive, and not waiting for it. `errno.h`: somebody else has the lock. */
const LOCK_EX = 2
const LOCK_NB = 4
const EAGAIN = 11

/** See `Files.lock`. The lock is this process's own: programs that it starts do not have it. */
export function lockFile(path: string): (() => void) | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (libc().functions.flock(descriptor, LOCK_EX | LOCK_NB) === 0) return () => closeSync(descriptor)
  const errno = libc().errno()
  closeSync(descriptor)
  if (errno === EAGAIN) return undefined
  throw systemError(errno, 'flock', path)
}

/** Makes a FIFO that only its owner may use. Throws `EEXIST`. */
export function makeFifo(path: string): void {
  check(libc().functions.mkfifo(path, 0o600), 'mkfifo', path)
}

/** A socket that sends datagrams to paths; not bound to a listener, so that one may come back after a restart. */
export interface DatagramSocket {
  /** Whether somebody listens at the path. */
  reaches(path: string): boolean
  /**
   * Throws a system error: `ENOENT` or `ECONNREFUSED` when nobody listens, `EMSGSIZE` when the message is too long,
   * `EAGAIN` when the listener is behind.
   */
  send(message: Uint8Array, path: string): void
  close(): void
}

/**
 * An AF_UNIX datagram socket, which `node:dgram` does not have: for syslog, the journal and the service manager. What
 * it sends comes from the process `sender`, where there is one and this process may say so.
 */
export function openDatagramSocket(sender?: number): DatagramSocket {
  const { functions } = libc()
  const descriptor = check(functions.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket', 'AF_UNIX')
  return {
    reaches(path) {
      const probe = check(functions.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket', 'AF_UNIX')
      const address = socketAddress(path)
      const answer = functions.connect(probe, address, address.length)
      functions.close(probe)
      return answer === 0
    },
    send(message, path) {
      const address = socketAddress(path)
      const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
      if (sender !== undefined && sendFrom(sender, { descriptor, bytes, address })) return
      const length = BigInt(bytes.length)
      check(functions.sendto(descriptor, bytes, length, sendFlags, address, address.length), 'sendto', path)
    },
    close: () => void functions.close(descriptor),
  }
}

/** Whether the message went out under the name of the sender; a plain one says why it cannot go out at all. */
function sendFrom(
  sender: number,
  {
    descriptor,
    bytes,
    address,
  }: { readonly descriptor: number; readonly bytes: Buffer; readonly address: Buffer },
): boolean {
  const { header, parts } = messageFrom(sender, { message: bytes, address })
  const sent = libc().functions.sendmsg(descriptor, header, sendFlags)
  return parts.length > 0 && Number(sent) >= 0
}

/**
 * `struct sockaddr_un`: the family in the machine's byte order, then the path with its NUL, or a NUL and the name where
 * the address is abstract, which `@` marks; at most 108 bytes.
 */
function socketAddress(path: string): Buffer {
  const family = Buffer.from(new Uint16Array([AF_UNIX]).buffer)
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`
  return Buffer.concat([family, Buffer.from(name)])
}
