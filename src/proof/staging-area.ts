import { runFile } from '../run-files.ts'
import { makeParents } from '../state-file.ts'
import type { Files, System } from '../system/system.ts'

/** How taking contents in has ended. */
type Taken =
  | { readonly kind: 'staged'; readonly sizeBytes: number }
  /** There is no room: nothing is kept, but the source has begun to answer. */
  | { readonly kind: 'full' }

/** Contents on their way to the stage that wants them: decompressed, verified, in memory. */
export interface StagingArea {
  readonly limitBytes: number
  /** What `fill` puts into its sink is kept under the key when `fill` ends well. Throws what `fill` throws. */
  take(key: string, fill: (sink: (chunk: Uint8Array) => void) => Promise<void>): Promise<Taken>
}

/** Share of the machine's free memory that contents may take. The stages after the proof need memory too. */
const memoryShare = 1 / 4

/** Share of the free space of the filesystem that contents may take, whatever is asked for: others live in it. */
const spaceShare = 3 / 4

/** An empty area. Whatever an earlier run left there goes. */
export function openStagingArea(system: System, askedBytes: number | undefined): StagingArea {
  const { files } = system
  const directory = runFile(system, 'staged')
  files.remove(directory)
  makeParents(system, directory, 0o755)
  files.makeDirectory(directory, { mode: 0o700 })
  const limitBytes = Math.floor(
    Math.min(
      askedBytes ?? availableMemoryBytes(files) * memoryShare,
      files.freeBytes(directory) * spaceShare,
    ),
  )
  let usedBytes = 0
  return {
    limitBytes,
    async take(key, fill) {
      const pending = files.create(`${directory}/${key}`)
      let sizeBytes = 0
      let isFull = false
      const sink = (chunk: Uint8Array) => {
        isFull = usedBytes + chunk.length > limitBytes
        if (isFull) throw new Error('there is no room for it')
        usedBytes += chunk.length
        sizeBytes += chunk.length
        try {
          pending.take(chunk)
        } catch (cause) {
          isFull = isOutOfSpace(cause)
          throw cause
        }
      }
      try {
        await fill(sink)
        await pending.settle()
        pending.commit({ mode: 0o600 })
        return { kind: 'staged', sizeBytes }
      } catch (cause) {
        usedBytes -= sizeBytes
        if (isFull || isOutOfSpace(cause)) return { kind: 'full' }
        throw cause
      } finally {
        pending.discard()
      }
    },
  }
}

/** Removes all that is staged. */
export function clearStaged(system: System): void {
  system.files.remove(runFile(system, 'staged'))
}

const isOutOfSpace = (cause: unknown) => (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC'

/** MemAvailable in proc_meminfo(5); without it, no limit but the filesystem's. */
function availableMemoryBytes(files: Files): number {
  const path = '/proc/meminfo'
  const text = files.stat(path) ? files.readText(path) : ''
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return kibibytes === undefined ? Number.POSITIVE_INFINITY : Number(kibibytes) * 1024
}
