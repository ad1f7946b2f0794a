import { writeSync } from 'node:fs'
import { block } from './pause.ts'
import { writeError } from './standard-streams.ts'
import { openSyslog } from './syslog.ts'
import type { Log, LogLevel } from './system.ts'

/** Labels of nine characters, which log scrapers know. */
const labels: Readonly<Record<LogLevel, string>> = {
  emerg: 'EMERGENCY',
  alert: 'ALERT    ',
  crit: 'CRITICAL ',
  err: 'ERROR    ',
  warning: 'WARNING  ',
  notice: 'NOTICE   ',
  info: 'INFO     ',
  debug: 'DEBUG    ',
}

export interface LogOptions {
  /** Standard output instead of syslog. */
  readonly toStdout: boolean
  /** Takes whole lines. Default: the process's standard output. */
  readonly write?: (text: string) => void
  /** Takes what a person at the console is to see now; that of a unit is its standard error. */
  readonly toConsole?: (text: string) => void
  /** Syslog sockets to try, in order. */
  readonly sockets?: readonly string[]
}

/** Opens the log: syslog, or standard output when asked for or when nobody listens for syslog. */
export function openLog({
  toStdout,
  write = writeToStdout,
  toConsole = writeError,
  sockets,
}: LogOptions): Log {
  const stdout: Log = (level, message) => write(`${labels[level]}: ${message}\n`)
  if (toStdout) return stdout
  try {
    const syslog = openSyslog({ ...(sockets ? { sockets } : {}), otherwise: stdout })
    return (level, message) => {
      syslog(level, message)
      // the failure itself is said at the end, in its own words
      if (level === 'warning' || level === 'notice') toConsole(`${labels[level]}: ${message}\n`)
    }
  } catch (error) {
    stdout('err', `unable to open syslog: ${error instanceof Error ? error.message : String(error)}`)
    return stdout
  }
}

/** Milliseconds to wait for a reader that is behind, before the next try. */
const retryMilliseconds = 5

/** Writes before it returns, so that nothing is lost when the process ends; waits while a pipe is full. */
function writeToStdout(text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      // Without a reader there is nobody to tell.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      block(retryMilliseconds)
    }
  }
}
