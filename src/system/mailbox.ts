import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { makeFifo } from './libc.ts'
import { writePatiently } from './standard-streams.ts'

/** What the process behind a request is told, until `close`. */
export interface Reply {
  /** Writes before it returns; nothing happens when nobody reads any more. */
  write(text: string): void
  close(): void
}

export interface MailboxOptions {
  readonly directory: string
  /** One pair of FIFOs for each: `NAME.request` and `NAME.answer`. */
  readonly names: readonly string[]
  /** A line has arrived at a name, and whoever sent it reads the answer. */
  readonly onRequest: (request: {
    readonly name: string
    readonly line: string
    readonly reply: Reply
  }) => void
  /** Whoever sent a request has ended. */
  readonly onGone: (name: string) => void
}

export interface Mailbox {
  /** Whether this process lives on when nothing but the mailbox is left to wait for. At first it does. */
  keepAlive(wanted: boolean): void
  /** Takes the directory away. */
  remove(): void
}

/** A request is a process id. More than this without a line is not one. */
const requestCharacters = 64

/**
 * Listens at pairs of FIFOs in a new directory, which appears with all of them in it; one that is there goes away. Each
 * pair serves one request. A reader of an answer sees its end as soon as this process is no more.
 */
export function openMailbox({ directory, names, onRequest, onGone }: MailboxOptions): Mailbox {
  const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants
  const unfinished = `${directory}.new`
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 })
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  const listeners = names.map((name) => {
    const [request, answer] = [join(unfinished, `${name}.request`), join(unfinished, `${name}.answer`)]
    makeFifo(request)
    makeFifo(answer)
    // with a reader of its own it can be opened for writing before anyone reads
    const held = openSync(answer, O_RDWR | O_NONBLOCK)
    return listen(openSync(request, O_RDONLY | O_NONBLOCK), {
      onLine(line) {
        const reply = openReply(join(directory, `${name}.answer`))
        closeSync(held)
        if (reply) onRequest({ name, line, reply })
      },
      onGone: () => onGone(name),
    })
  })
  rmSync(directory, { recursive: true, force: true })
  renameSync(unfinished, directory)
  return {
    keepAlive: (wanted) => {
      for (const listener of listeners)
        if (wanted) listener.ref()
        else listener.unref()
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

interface Listener {
  readonly onLine: (line: string) => void
  readonly onGone: () => void
}

/** Tells of the first line, and of the end of whoever wrote it. */
function listen(descriptor: number, { onLine, onGone }: Listener): Socket {
  const { Socket } = process.getBuiltinModule('node:net')
  const socket: Socket = new Socket({ fd: descriptor, readable: true, writable: false })
  let text = ''
  let heard = false
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    if (heard) return
    text += chunk
    const end = text.indexOf('\n')
    if (end < 0 && text.length < requestCharacters) return
    heard = true
    onLine(text.slice(0, Math.max(end, 0)))
  })
  socket.on('error', () => undefined)
  socket.on('close', onGone)
  return socket
}

/** Undefined when nobody reads. */
function openReply(path: string): Reply | undefined {
  try {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    return { write: (text) => writePatiently(descriptor, text), close: () => closeSync(descriptor) }
  } catch {
    return undefined
  }
}
