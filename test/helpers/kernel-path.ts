import { dlopen, getInt32 } from 'node:ffi'
import { closeSync, openSync, readlinkSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'

/** openat2(2) has the same number on all architectures; libc has no function for it. */
const openat2 = 437
const O_PATH_CLOEXEC = 0o10000000 | 0o2000000
const RESOLVE_IN_ROOT = 0x10

const { functions } = dlopen('libc.so.6', {
  __errno_location: { return: 'pointer', arguments: [] },
  syscall: { return: 'int64', arguments: ['int64', 'int64', 'string', 'buffer', 'uint64'] },
})

/**
 * Where the kernel gets to by a path that may not leave `root`, links followed to the last: the absolute path, or the
 * code of its error.
 */
export function kernelPath(root: string, path: string): string {
  const directory = openSync(root, 'r')
  try {
    const how = Buffer.from(new BigUint64Array([BigInt(O_PATH_CLOEXEC), 0n, BigInt(RESOLVE_IN_ROOT)]).buffer)
    const opened = Number(
      functions.syscall(BigInt(openat2), BigInt(directory), path, how, BigInt(how.length)),
    )
    if (opened < 0) {
      const errno = getInt32(functions.__errno_location())
      return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`
    }
    try {
      return readlinkSync(`/proc/self/fd/${opened}`)
    } finally {
      closeSync(opened)
    }
  } finally {
    closeSync(directory)
  }
}
