/**
 * Chunks of a stream lie outside V8's heap: it does not see how much memory the dead ones hold, and lets them pile up
 * to a hundred MiB. After this many bytes that could not be released they are collected.
 */
const sweepEveryBytes = 8 * 1024 * 1024

let collectYoung: (() => void) | undefined
let bytesSinceSweep = 0

/**
 * Frees the memory of a chunk that has been used up, as those before it in its stream have. What cannot be freed at once is
 * left to the collector, which is called now and then.
 */
export function release(chunk: Uint8Array): void {
  if (chunk.byteLength === 0) return
  if (isLastOfItsMemory(chunk)) return void chunk.buffer.transfer(0)
  bytesSinceSweep += chunk.byteLength
  if (bytesSinceSweep < sweepEveryBytes) return
  bytesSinceSweep = 0
  collectYoung ??= exposeCollector()
  collectYoung()
}

/** Whether nothing else can be in the memory of the chunk. */
export const hasOwnMemory = ({ buffer, byteLength }: Uint8Array): boolean => byteLength === buffer.byteLength

/** Whether nothing but earlier chunks can be in the same memory; small buffers of Node share a pool with strangers. */
function isLastOfItsMemory(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = chunk
  const isTail = byteOffset + byteLength === buffer.byteLength && buffer.byteLength !== Buffer.poolSize
  return buffer instanceof ArrayBuffer && (hasOwnMemory(chunk) || isTail)
}

/**
 * V8 hands out its collector only to contexts that are made after it was told to. The option is taken back at once: with
 * other options than at the start V8 refuses every code cache, Node's own too, and sources of Node's are not all there.
 */
function exposeCollector(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString('--expose-gc')
  const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as (options: {
    type: 'minor'
  }) => void
  setFlagsFromString('--no-expose-gc')
  return () => collect({ type: 'minor' })
}
