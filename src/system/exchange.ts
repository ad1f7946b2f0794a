import type { Dispatcher } from 'undici'
import { createChunkQueue } from './chunk-queue.ts'
import { joinHeaders } from './http-headers.ts'
import type { HttpResponse } from './network.ts'

/** Bytes that wait for their reader before the server is made to wait. */
const highWaterBytes = 256 * 1024

/** One request and its answer, as undici's dispatcher tells of it. */
export interface Exchange {
  readonly handler: Dispatcher.DispatchHandler
  /** There when the headers are; rejects with the transport's error, or the signal's reason. */
  readonly response: Promise<HttpResponse>
}

interface ExchangeOptions {
  readonly signal: AbortSignal | undefined
  /** Puts the transport's errors in words. */
  readonly explain: (error: unknown) => unknown
}

/** Hands a body on chunk by chunk, as undici's parser has them: its own streams would join and copy them. */
export function createExchange({ signal, explain }: ExchangeOptions): Exchange {
  const { promise: response, resolve, reject } = Promise.withResolvers<HttpResponse>()
  let controller: Dispatcher.DispatchController | undefined
  const queue = createChunkQueue(() => controller?.resume())

  const end = (failure?: { readonly cause: unknown }) => {
    signal?.removeEventListener('abort', abort)
    queue.end(failure)
    if (failure) reject(failure.cause)
  }
  const abort = () => {
    queue.clear()
    end({ cause: signal?.reason })
    controller?.abort(signal?.reason)
  }
  if (signal?.aborted === true) abort()
  else signal?.addEventListener('abort', abort)

  const body = queue.readWith(() => {
    end()
    controller?.abort(new Error('the rest of the body is not wanted'))
  })
  return {
    response,
    handler: {
      onRequestStart(started) {
        controller = started
        if (signal?.aborted === true) started.abort(signal.reason)
      },
      onResponseStart(_controller, status, headers) {
        // statuses below are news that come before the answer
        if (status >= 200) resolve({ status, headers: joinHeaders(headers), body })
      },
      onResponseData(current, chunk) {
        queue.add(chunk)
        if (queue.length >= highWaterBytes) current.pause()
      },
      onResponseEnd: () => end(),
      onResponseError: (_controller, error) => end({ cause: explain(error) }),
    },
  }
}
