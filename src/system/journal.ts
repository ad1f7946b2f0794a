import { type DatagramSocket, openDatagramSocket } from './libc.ts'

/** Where journald takes records: <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>. */
const journalSocket = '/run/systemd/journal/socket'

/** One record in the journal's native protocol: `NAME=value`, or name, length and value when it has several lines. */
export function encodeRecord(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(fields).map(([name, value]) => encodeField(name, value)))
}

function encodeField(name: string, value: string): Buffer {
  if (!value.includes('\n')) return Buffer.from(`${name}=${value}\n`)
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')])
}

interface JournalOptions {
  readonly path?: string
  /** The process that the record comes from. Default: this one. */
  readonly sender?: number | undefined
}

/**
 * Sends one record; nothing happens when no journal listens. A record must fit into a datagram (about 200 kB): those
 * of Firstlight name a path or a URL and are far below.
 */
export function sendToJournal(
  fields: Readonly<Record<string, string>>,
  { path = journalSocket, sender }: JournalOptions = {},
): void {
  let socket: DatagramSocket | undefined
  try {
    socket = openDatagramSocket(sender)
    socket.send(encodeRecord(fields), path)
  } catch {
    // A record is an extra: what it says is in the log too.
  } finally {
    socket?.close()
  }
}
