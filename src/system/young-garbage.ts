/**
 * Chunks of a stream lie outside V8's heap: it does not see how much memory the dead ones hold, and lets them pile up
 * to a hundred MiB. After this many bytes they are collected; a larger number saves no time that can be measured.
 */
const sweepEveryBytes = 8 * 1024 * 1024

let collectYoung: (() => void) | undefined
let bytesSinceSweep = 0

/** To be told of every chunk that has been used up: now and then it frees those before. */
export function chunkIsDone(bytes: number): void {
  bytesSinceSweep += bytes
  if (bytesSinceSweep < sweepEveryBytes) return
  bytesSinceSweep = 0
  collectYoung ??= exposeCollector()
  collectYoung()
}

/** V8 hands out its collector only to contexts that are made after it was told to. */
function exposeCollector(): () => void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
  const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as (options: {
    type: 'minor'
  }) => void
  return () => collect({ type: 'minor' })
}
