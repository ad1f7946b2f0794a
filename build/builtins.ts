import type { Range } from './icu.ts'

/**
 * Modules of Node itself that nothing of ours leads to: what strips types, fetch and WebSocket, parsers for the debugger
 * and the prompt, tests, QUIC. By the beginning of their names.
 */
const unused = [
  'internal/bench_runner/',
  'internal/debugger/',
  'internal/deps/acorn/',
  'internal/deps/amaro/',
  'internal/deps/minimatch/',
  'internal/deps/undici/',
  'internal/deps/v8/',
  'internal/dtls/',
  'internal/quic/',
  'internal/test_runner/',
]

/** Sources longer than this leave a hole in the program; shorter ones become zeros, which compress to nothing. */
const holeBytes = 256 * 1024

/**
 * Wipes the sources of the unused modules, in place, and returns where the long ones were. They are recognized by the
 * sources that the Node running this has, so that Node must be of the same version. Throws when one is not there.
 */
export function wipeBuiltins(image: Buffer): readonly Range[] {
  const holes: Range[] = []
  for (const [name, source] of Object.entries(sourcesOfNode())) {
    if (!unused.some((beginning) => name.startsWith(beginning))) continue
    const bytes = Buffer.from(source, /[^\0-\xff]/.test(source) ? 'utf16le' : 'latin1')
    const start = image.indexOf(bytes)
    if (start < 0) throw new Error(`the source of Node's ${name} is not in its executable`)
    const range = { start, end: start + bytes.length }
    image.fill(0, range.start, range.end)
    if (bytes.length >= holeBytes) holes.push(range)
  }
  return holes
}

/** Name → source of Node's own modules. */
function sourcesOfNode(): Readonly<Record<string, string>> {
  const internal = process as unknown as {
    readonly binding: (name: 'natives') => Readonly<Record<string, string>>
  }
  return internal.binding('natives')
}
