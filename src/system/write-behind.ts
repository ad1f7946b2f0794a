import { writeWhole } from './file-descriptor.ts'
import { createFlushBehind } from './flush-behind.ts'
import { giveBackProgram } from './program-pages.ts'
import type { FileSystem } from './real-files.ts'
import { hasOwnMemory, release } from './release.ts'

/** Bytes and chunks that are written at a time; IOV_MAX of writev(2) is 1024. */
const batchBytes = 256 * 1024
const batchChunks = 512

/** Bytes that may wait while a thread writes: on two busy processors it is not always at once its turn. */
const aheadBytes = 2 * 1024 * 1024

/** A file of more bytes is worth some care for the memory of the machine. */
const largeBytes = 1024 * 1024

/** A file that is written from its beginning while its contents are still on their way. */
export interface WriteBehind {
  /** Writes now; the bytes stay the caller's. */
  readonly write: (chunk: Uint8Array) => void
  /** The chunk is given away; it is written soon. Throws how writing failed since, too. */
  readonly take: (chunk: Uint8Array) => void
  /** All that was taken is written. */
  readonly settle: () => Promise<void>
  /** Closes the descriptor, if need be when the threads are done with it. */
  readonly close: () => void
}

/**
 * Writes in a thread of Node's pool, and flushes in another, while this one fetches and hashes. When it gets far ahead of
 * them it writes too, so that what waits is bounded.
 */
export function createWriteBehind(fs: FileSystem, descriptor: number): WriteBehind {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  /** Written, but in memory that an earlier chunk may share that is not. */
  let used: Uint8Array[] = []
  let position = 0
  let isWriting = false
  let isClosed = false
  let failure: { readonly cause: unknown } | undefined
  let wake: (() => void) | undefined

  const check = () => {
    if (failure) throw failure.cause
  }
  const close = () => {
    isClosed = true
    if (!isWriting && !flush.isBusy) fs.closeSync(descriptor)
  }
  const fail = (cause: unknown) => {
    failure ??= { cause }
  }
  const flush = createFlushBehind(fs, descriptor, (error) => {
    if (error) fail(error)
    if (isClosed) close()
  })
  const nextBatch = () => {
    const batch = { chunks: waiting, at: position, bytes: waitingBytes }
    position += waitingBytes
    flush.wrote(waitingBytes)
    waiting = []
    waitingBytes = 0
    return batch
  }
  const written = (chunks: readonly Uint8Array[]) => {
    used.push(...chunks.filter((chunk) => !hasOwnMemory(chunk)))
    for (const chunk of chunks.filter(hasOwnMemory)) release(chunk)
    if (isWriting) return
    for (const chunk of used) release(chunk)
    used = []
  }
  const writeNow = () => {
    const { chunks, at } = nextBatch()
    writeFrom(fs, descriptor, { chunks, at, skip: 0 })
    written(chunks)
  }
  const writeSoon = () => {
    const { chunks, at, bytes } = nextBatch()
    isWriting = true
    fs.writev(descriptor, chunks, at, (error, count) => {
      isWriting = false
      try {
        if (error) throw error
        if (count < bytes) writeFrom(fs, descriptor, { chunks, at, skip: count })
      } catch (cause) {
        fail(cause)
      }
      written(chunks)
      if (isClosed) close()
      wake?.()
    })
  }
  return {
    write(chunk) {
      writeNow()
      writeWhole(fs, descriptor, { data: chunk, at: position })
      position += chunk.length
    },
    take(chunk) {
      check()
      waiting.push(chunk)
      waitingBytes += chunk.length
      if (waitingBytes < batchBytes && waiting.length < batchChunks) return
      if (!isWriting) writeSoon()
      else if (waitingBytes >= aheadBytes || waiting.length >= batchChunks) writeNow()
      if (position >= largeBytes) giveBackProgram()
    },
    async settle() {
      writeNow()
      while (isWriting)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      check()
    },
    close,
  }
}

interface Batch {
  readonly chunks: readonly Uint8Array[]
  /** Where in the file it begins. */
  readonly at: number
  /** Bytes of it that are written. */
  readonly skip: number
}

function writeFrom(fs: FileSystem, descriptor: number, { chunks, at, skip }: Batch): void {
  let begin = 0
  for (const chunk of chunks) {
    const known = Math.min(Math.max(skip - begin, 0), chunk.length)
    writeWhole(fs, descriptor, { data: chunk.subarray(known), at: at + begin + known })
    begin += chunk.length
  }
}
