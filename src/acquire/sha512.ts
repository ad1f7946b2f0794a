/** In hex, for the log. Loading Node's cryptography takes 7 ms, and most stages log no hash: hence not at the top. */
export function sha512(bytes: Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha512').update(bytes).digest('hex')
}
