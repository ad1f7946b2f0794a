import { digest } from '../digest.ts'
import { IgnitionError } from '../errors.ts'
import { type Sourced, sourcedText } from '../spec/origin.ts'
import type { Place } from '../spec/place.ts'
import { readConfig } from '../spec/read-config.ts'
import { formatEntry, isFatal, type Report } from '../spec/report.ts'
import type { System } from '../system/system.ts'
import { lineOf } from './excerpt.ts'
import { unpackConfig } from './unpack.ts'

/** What a config's bytes turned out to be; everything worse is thrown. */
export type ParsedBytes = { readonly kind: 'config'; readonly sourced: Sourced } | { readonly kind: 'empty' }

/** Logs every entry of a report at its own level. */
export function logReport(system: System, report: Report): void {
  for (const entry of report) {
    const level = { error: 'crit', warning: 'warning', info: 'info' } as const
    system.log(level[entry.severity], formatEntry(entry))
  }
}

/**
 * Parses a config, JSON or YAML, gzip data or not, and logs its report. Throws `IgnitionError` `FL_CONFIG_INVALID` that names `origin`, the place
 * the bytes came from.
 */
export async function parseBytes(options: {
  system: System
  bytes: Uint8Array
  origin: string
}): Promise<ParsedBytes> {
  const { system, bytes, origin } = options
  const unpacked = await unpackConfig(bytes, origin)
  const outcome = await readConfig(unpacked)
  system.log('debug', `parsing config with SHA512: ${digest('sha512', bytes)}`)
  switch (outcome.kind) {
    case 'empty':
      return { kind: 'empty' }
    case 'version':
      throw new IgnitionError({
        code: 'FL_CONFIG_INVALID',
        message: `config from ${origin}: ${outcome.message}`,
      })
    case 'invalid':
      logReport(system, outcome.report)
      throw new IgnitionError({
        code: 'FL_CONFIG_INVALID',
        place: placeOfFirstError(outcome.report, origin, unpacked),
        message: `config from ${origin} is not valid: ${firstError(outcome.report)}`,
      })
    case 'config':
      logReport(system, outcome.report)
      return { kind: 'config', sourced: sourcedText(outcome.config, outcome.map, origin) }
  }
}

function placeOfFirstError(report: Report, source: string, bytes: Uint8Array): Place | undefined {
  const { path, position } = report.find((entry) => isFatal([entry])) ?? {}
  if (!path || !position) return undefined
  const place = { source, path, position }
  const text = lineOf(bytes, place)
  return text === undefined ? place : { ...place, text }
}

/** The first error of a report as one line, with how many more there are. */
export function firstError(report: Report): string {
  const errors = report.filter((entry) => isFatal([entry]))
  const [first] = errors
  if (first === undefined) return 'no error'
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return `${formatEntry(first)}${more}`
}
