import type { Secret } from '../secret.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'HEAD'
  readonly url: string
  /** In the order sent. */
  readonly headers: readonly (readonly [name: string, value: string | Secret])[]
  readonly body?: Uint8Array
  readonly timeouts: HttpTimeouts
  /** PEM certificates trusted besides the system's. */
  readonly certificateAuthorities: readonly string[]
  /** Absolute URL of the proxy to use for this request. */
  readonly proxy?: string
  /** A port of the host over AF_VSOCK; then the URL says only what is asked for. */
  readonly vsock?: VsockAddress
  /** Source port of the connection. */
  readonly localPort?: number
  readonly signal?: AbortSignal
}

/** `man 7 vsock`. */
export interface VsockAddress {
  readonly cid: number
  readonly port: number
}

export interface HttpTimeouts {
  readonly connectSeconds: number
  readonly tlsHandshakeSeconds: number
  /** From the request sent to the response's headers; 0 = no limit. */
  readonly responseHeadersSeconds: number
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names; a header sent twice is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Raw bytes as sent: no content decoding. Chunks are the reader's. Must be read to the end or cancelled with `return()`. */
  readonly body: AsyncIterable<Uint8Array>
}

/** One datagram. */
export interface Datagram {
  readonly data: Uint8Array
  readonly port: number
}

/** A UDP socket for talking to one host; datagrams of others are not delivered. */
export interface UdpSocket {
  send(datagram: Datagram): Promise<void>
  /** The next datagram; undefined when none arrives within the time. */
  receive(timeoutMilliseconds: number): Promise<Datagram | undefined>
  close(): void
}
