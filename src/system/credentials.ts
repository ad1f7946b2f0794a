/** `sys/socket.h`: the level of a socket's own control messages, and the one that says who sends. */
const SOL_SOCKET = 1
const SCM_CREDENTIALS = 2

/** `struct iovec`, `struct cmsghdr` with `struct ucred` after it, and `struct msghdr`, of 64-bit Linux: `man 2 sendmsg`. */
const vectorBytes = 16
const controlLength = 28
const controlBytes = 32
const headerBytes = 56

/**
 * A `struct msghdr` for sendmsg(2) that names another process as the sender, which a privileged one may do: journald
 * files what it gets under the unit of the process named. `parts` are what it points to: keep them until the call is over.
 */
export function messageFrom(
  sender: number,
  { message, address }: { readonly message: Buffer; readonly address: Buffer },
): { readonly header: Buffer; readonly parts: readonly Buffer[] } {
  const pointer = (bytes: Buffer) => process.getBuiltinModule('node:ffi').getRawPointer(bytes)
  const vector = Buffer.alloc(vectorBytes)
  const control = Buffer.alloc(controlBytes)
  const header = Buffer.alloc(headerBytes)
  putWords(vector, 0, [pointer(message), BigInt(message.length)])
  putWords(control, 0, [BigInt(controlLength)])
  const ids = [sender, process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  putHalves(control, 8, [SOL_SOCKET, SCM_CREDENTIALS, ...ids])
  putWords(header, 0, [pointer(address)])
  putHalves(header, 8, [address.length])
  putWords(header, 16, [pointer(vector), 1n, pointer(control), BigInt(control.length)])
  return { header, parts: [message, address, vector, control] }
}

/** In the machine's byte order. */
function putWords(target: Buffer, offset: number, words: readonly bigint[]): void {
  target.set(new Uint8Array(new BigUint64Array(words).buffer), offset)
}

function putHalves(target: Buffer, offset: number, halves: readonly number[]): void {
  target.set(new Uint8Array(new Uint32Array(halves).buffer), offset)
}
