/** Chunks on their way from whoever has them to one reader. */
export interface ChunkQueue {
  /** Bytes in it. */
  readonly length: number
  add(chunk: Uint8Array): void
  /** Nothing follows, or an error does; what is in the queue comes before that. Only the first call counts. */
  end(failure?: { readonly cause: unknown }): void
  clear(): void
  /** The reader's end; `cancel` is called when it wants no more. */
  readWith(cancel: () => void): AsyncIterable<Uint8Array>
}

/** An empty queue; `onEmpty` asks for more when the reader has to wait. */
export function createChunkQueue(onEmpty: () => void): ChunkQueue {
  const chunks: Uint8Array[] = []
  let length = 0
  let ended: { readonly failure: { readonly cause: unknown } | undefined } | undefined
  let wake: (() => void) | undefined

  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const chunk = chunks.shift()
      if (chunk) {
        length -= chunk.length
        return { done: false, value: chunk }
      }
      if (ended?.failure) throw ended.failure.cause
      if (ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        wake = resolve
        onEmpty()
      })
    }
  }
  const clear = () => {
    chunks.length = 0
    length = 0
  }
  return {
    get length() {
      return length
    },
    add(chunk) {
      if (ended) return
      chunks.push(chunk)
      length += chunk.length
      wake?.()
    },
    end(failure) {
      ended ??= { failure }
      wake?.()
    },
    clear,
    readWith: (cancel) => ({
      [Symbol.asyncIterator]: () => ({
        next,
        async return() {
          clear()
          cancel()
          return { done: true, value: undefined }
        },
      }),
    }),
  }
}
