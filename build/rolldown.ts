import { join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const http2Module = './client-h2.js'
const http2OnDemand = '\0http2-on-demand'

/** undici requires node:http2 and its own HTTP/2 half at once: 10 ms of every fetch. This requires them when a server speaks it. */
const lazyHttp2: Plugin = {
  name: 'lazy-http2',
  resolveId: (source, importer) =>
    source === http2Module && importer?.endsWith('/undici/lib/dispatcher/client.js') ? http2OnDemand : null,
  load: (id) =>
    id === http2OnDemand
      ? "module.exports = (...args) => require('undici/lib/dispatcher/client-h2.js')(...args)"
      : null,
}

export interface ChunkOptions {
  /** The project's folder. */
  readonly root: string
  /** Where the chunks go. */
  readonly directory: string
  /** What `firstlight version` says. */
  readonly version: string
}

/**
 * Bundles `src/main.ts` into CommonJS chunks in `directory`, one for each lazily imported part, and returns their
 * names. Every `import()` becomes a `require`: `import('node:http')` would read all its properties, and one of them
 * loads Node's own copy of undici.
 */
export async function bundleChunks({ root, directory, version }: ChunkOptions): Promise<string[]> {
  const bundle = await rolldown({
    input: { main: join(root, 'src/main.ts') },
    cwd: root,
    platform: 'node',
    plugins: [lazyHttp2],
    transform: { define: { FIRSTLIGHT_VERSION: JSON.stringify(version) } },
  })
  const { output } = await bundle.write({
    dir: directory,
    format: 'cjs',
    strict: true,
    dynamicImportInCjs: false,
    comments: { legal: true, annotation: false, jsdoc: false },
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  })
  await bundle.close()
  return output.map((chunk) => chunk.fileName)
}

/** Bundles the executable's main script into one CommonJS file. */
export async function bundleLoader(root: string, file: string): Promise<void> {
  const bundle = await rolldown({ input: join(root, 'build/loader.ts'), cwd: root, platform: 'node' })
  await bundle.write({ file, format: 'cjs', strict: true })
  await bundle.close()
}
