const encoder = new TextEncoder()

/** Where a percent sign is not followed by two hexadecimal digits; -1 when all are. */
export const findBrokenEscape = (text: string): number => text.search(/%(?![0-9A-Fa-f]{2})/)

/** Bytes of a text in which all escapes are whole; what is not escaped becomes UTF-8. */
export function percentDecode(text: string): Uint8Array {
  const bytes = encoder.encode(text)
  let from = bytes.indexOf(0x25)
  if (from < 0) return bytes
  let length = from
  while (from < bytes.length) {
    const byte = bytes[from] as number
    if (byte === 0x25) {
      bytes[length++] = (hexValue(bytes[from + 1]) << 4) | hexValue(bytes[from + 2])
      from += 3
    } else {
      bytes[length++] = byte
      from += 1
    }
  }
  return bytes.subarray(0, length)
}

const hexValue = (unit = 0): number => (unit < 0x3a ? unit - 0x30 : (unit | 0x20) - 0x57)
