import { Script } from 'node:vm'

/** Where the text of a chunk and its code cache come from: assets of the executable, or files while building. */
export interface ChunkSource {
  text(name: string): string
  /** Undefined while there is none yet. */
  cache(name: string): Buffer | undefined
}

/** Compiles a chunk of the bundle, each once. */
export type Compile = (name: string) => Script

type ChunkFunction = (
  require: (name: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
) => void

/** A code cache fits only the text, the file name and the wrapping with which it was made, hence one place for all three. */
export function chunkCompiler(source: ChunkSource): Compile {
  const scripts = new Map<string, Script>()
  return (name) => {
    const known = scripts.get(name)
    if (known) return known
    const cachedData = source.cache(name)
    const script = new Script(`(function (require, module, exports) {${source.text(name)}\n})`, {
      filename: `firstlight/${name}`,
      ...(cachedData && { cachedData }),
    })
    scripts.set(name, script)
    return script
  }
}

/** Evaluates the entry, and each other chunk when it is first asked for: `./x.js` is a chunk, all else is Node's own. */
export function runChunks(compile: Compile, entry: string, requireBuiltin: (name: string) => unknown): void {
  const modules = new Map<string, { exports: unknown }>()
  const load = (name: string): unknown => {
    if (!name.startsWith('./')) return requireBuiltin(name)
    const known = modules.get(name)
    if (known) return known.exports
    const module = { exports: {} }
    modules.set(name, module)
    const run: ChunkFunction = compile(name.slice(2)).runInThisContext()
    run(load, module, module.exports)
    return module.exports
  }
  load(`./${entry}`)
}
