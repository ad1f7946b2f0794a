import { writeError, writeOutput } from './standard-streams.ts'
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
  /** The process that syslog is told the messages come from. Default: this one. */
  readonly sender?: number | undefined
}

/** Opens the log: syslog, or standard output when asked for or when nobody listens for syslog. */
export function openLog({
  toStdout,
  write = writeOutput,
  toConsole = writeError,
  sockets,
  sender,
}: LogOptions): Log {
  const stdout: Log = (level, message) => write(`${labels[level]}: ${message}\n`)
  if (toStdout) return stdout
  try {
    const syslog = openSyslog({ ...(sockets ? { sockets } : {}), sender, otherwise: stdout })
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

/** A log that somebody listens to. */
export const heardBy =
  (log: Log, listen: Log | undefined): Log =>
  (level, message) => {
    listen?.(level, message)
    log(level, message)
  }
