import { showUrl } from '../resources/show-url.ts'
import { sourceOf } from '../resources/source-of.ts'
import { runFile } from '../run-files.ts'
import type { Fetch, Resource, SectionContext } from '../section.ts'
import type { System } from '../system/system.ts'
import { contentKey, contentsOf, isStaged } from './contents.ts'

/** Bytes read at a time. */
const chunkBytes = 1024 * 1024

interface Shelf {
  readonly directory: string
  /** Whether contents go when they are not wanted again. */
  readonly mode: 'take' | 'look'
  /** Key → how often this stage may still ask for the contents. */
  readonly uses: Map<string, number>
}

/**
 * The context's own fetch, but what is staged comes from there, and goes when the config does not want it again, unless
 * this is only for a look.
 */
export function withStaged({ system, config, fetch }: SectionContext, mode: Shelf['mode'] = 'take'): Fetch {
  const directory = runFile(system, 'staged')
  if (system.files.stat(directory)?.type !== 'directory') return fetch
  const uses = new Map(
    contentsOf(config).flatMap(({ key, uses }) => (key === undefined ? [] : [[key, uses]])),
  )
  return serve({ system, fetch, shelf: { directory, mode, uses } })
}

interface Serving {
  readonly system: System
  readonly fetch: Fetch
  readonly shelf: Shelf
}

function serve({ system, fetch, shelf }: Serving): Fetch {
  const toSink: Fetch['toSink'] = async (resource, sink) => {
    if (!hand({ system, shelf }, resource, sink)) await fetch.toSink(resource, sink)
  }
  return {
    toSink,
    async toMemory(resource) {
      const chunks: Uint8Array[] = []
      const isThere = hand({ system, shelf }, resource, (chunk) => void chunks.push(chunk))
      return isThere ? Buffer.concat(chunks) : fetch.toMemory(resource)
    },
    scoped: (inner, signal, of) => serve({ system: inner, fetch: fetch.scoped(inner, signal, of), shelf }),
  }
}

/** Whether the contents were there. */
function hand(
  { system, shelf }: Omit<Serving, 'fetch'>,
  resource: Resource,
  sink: (chunk: Uint8Array) => void,
): boolean {
  if (!isStaged(resource)) return false
  const { files } = system
  const key = contentKey(resource)
  const path = `${shelf.directory}/${key}`
  const size = files.lstat(path)?.size
  if (size === undefined) return false
  system.log('info', `taking ${showUrl(sourceOf(resource))} as it was staged`)
  for (let offset = 0; offset < size; offset += chunkBytes) sink(files.readAt(path, offset, chunkBytes))
  if (shelf.mode === 'look') return true
  const left = (shelf.uses.get(key) ?? 0) - 1
  shelf.uses.set(key, left)
  if (left <= 0) files.remove(path)
  return true
}
