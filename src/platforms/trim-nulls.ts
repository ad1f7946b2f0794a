/** What is left without the NUL bytes at both ends: devices fill up with them what they do not need. */
export function trimNulls(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  return start < 0
    ? bytes.subarray(0, 0)
    : bytes.subarray(start, bytes.findLastIndex((byte) => byte !== 0) + 1)
}
