import { openDatagramSocket } from './libc.ts'

/** What the service manager is told of this process. */
export interface ServiceManager {
  /** The process has started, and what waits for it may go on. */
  ready(): void
  /** Whether a call may block for long from now on. */
  busy(busy: boolean): void
}

export interface ServiceManagerOptions {
  /** Default: what the service manager gave this process; nothing happens without one. */
  readonly socket?: string | undefined
  /** After this time without a sign of life it ends this process; 0 for never. */
  readonly watchdogMicroseconds?: number
}

/** One call of a stage, such as flushing a slow disk, may block for minutes; after so many seconds it hangs. */
const busySeconds = 15 * 60

/** `man 3 sd_notify`, `man 3 sd_watchdog_enabled`. */
export function openServiceManager({
  socket = process.env['NOTIFY_SOCKET'],
  watchdogMicroseconds = Number(process.env['WATCHDOG_USEC'] ?? 0),
}: ServiceManagerOptions = {}): ServiceManager {
  const tell = (message: string) => {
    if (socket) sendTo(socket, message)
  }
  // as often as it is asked for: twice in that time
  if (watchdogMicroseconds > 0) setInterval(() => tell('WATCHDOG=1'), watchdogMicroseconds / 2000).unref()
  return {
    ready: () => tell('READY=1'),
    busy(busy) {
      if (watchdogMicroseconds === 0) return
      tell(`WATCHDOG=1\nWATCHDOG_USEC=${busy ? busySeconds * 1e6 : watchdogMicroseconds}`)
    },
  }
}

function sendTo(path: string, message: string): void {
  const socket = openDatagramSocket()
  try {
    socket.send(Buffer.from(message), path)
  } catch {
    // It takes this process for one that does not start or live, and goes on without it.
  } finally {
    socket.close()
  }
}
