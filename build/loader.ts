// Main script of the executable: evaluates the bundle's chunks with their code caches.
import { getAsset, getRawAsset } from 'node:sea'
import { type Compile, chunkCompiler, runChunks } from './chunks.ts'

const compile = chunkCompiler({
  text: (name) => getAsset(name, 'utf8'),
  cache: (name) => Buffer.from(getRawAsset(`${name}.cache`)),
})

if (process.env['FIRSTLIGHT_TRACE_LOADER']) runChunks(traced(compile), 'main.js', tracedRequire)
else runChunks(compile, 'main.js', require)

/** A refused code cache costs time and nothing else, so only this tells of it. */
function traced(inner: Compile): Compile {
  return (name) => {
    const script = inner(name)
    say(`${name}: code cache ${script.cachedDataRejected ? 'rejected' : 'accepted'}`)
    return script
  }
}

function tracedRequire(name: string): unknown {
  say(name)
  return require(name)
}

function say(message: string): void {
  process.stderr.write(`loader: ${message}\n`)
}
