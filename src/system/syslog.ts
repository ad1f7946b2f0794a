import { openDatagramSocket } from './libc.ts'
import { block } from './pause.ts'
import type { Log, LogLevel } from './system.ts'

/** Where a syslog daemon or journald may listen, in the order in which libraries try them. */
const syslogSockets = ['/dev/log', '/var/run/syslog', '/var/run/log']

/** Numbers of RFC 5424, section 6.2.1; the facility is 0. */
const severities: Readonly<Record<LogLevel, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
}

/** Filters such as `journalctl -t ignition` name it. */
const tag = 'ignition'

/** A message longer than this many bytes goes in pieces: a datagram ends at about 200 kB. */
const pieceBytes = 48 * 1024

/**
 * How long, in milliseconds, one message waits for a daemon that is behind, and how long between tries. When that was in vain
 * the daemon hangs: the messages after it do not wait, or a boot with a thousand of them would take half an hour.
 */
const patienceMilliseconds = 2000
const retryMilliseconds = 5

export interface SyslogOptions {
  readonly sockets?: readonly string[]
  /** The process that the messages come from. Default: this one. */
  readonly sender?: number | undefined
  /** Takes a message that no daemon takes any more. */
  readonly otherwise: Log
}

/** Messages to the first syslog socket that somebody listens on. Throws when there is none. */
export function openSyslog({ sockets = syslogSockets, sender, otherwise }: SyslogOptions): Log {
  const socket = openDatagramSocket(sender)
  const head = `${tag}[${sender ?? process.pid}]`
  const path = sockets.find((candidate) => socket.reaches(candidate))
  if (path === undefined) {
    socket.close()
    throw new Error('Unix syslog delivery error')
  }
  let patience = patienceMilliseconds
  return (level, message) => {
    try {
      for (const piece of pieces(message))
        withPatience(patience, () => socket.send(line(level, head, piece), path))
      patience = patienceMilliseconds
    } catch (error) {
      if (isBehind(error)) patience = 0
      otherwise(level, message)
    }
  }
}

/** `<6>Jan  2 15:04:05 ignition[42]: message`. */
function line(level: LogLevel, head: string, message: string): Buffer {
  return Buffer.from(`<${severities[level]}>${stamp(new Date())} ${head}: ${message}\n`)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The time stamp of RFC 3164, in local time, with the day padded with a space. */
function stamp(time: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  )
  return `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)} ${clock.join(':')}`
}

function pieces(message: string): string[] {
  const bytes = Buffer.from(message)
  if (bytes.length <= pieceBytes) return [message]
  const count = Math.ceil(bytes.length / pieceBytes)
  return Array.from({ length: count }, (_, index) =>
    bytes.toString('utf8', index * pieceBytes, (index + 1) * pieceBytes),
  )
}

function withPatience(milliseconds: number, send: () => void): void {
  for (let waited = 0; ; waited += retryMilliseconds) {
    try {
      send()
      return
    } catch (error) {
      if (!isBehind(error) || waited >= milliseconds) throw error
      block(retryMilliseconds)
    }
  }
}

const isBehind = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN'
