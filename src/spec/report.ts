/** How bad an entry is: an `error` rejects the config, the others do not. */
export type Severity = 'error' | 'warning' | 'info'

/** Where something stands in a config's text: line and column from 1, columns in bytes. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A way into a config: keys and list indexes from the root. */
export type ConfigPath = readonly (string | number)[]

/** One thing to say about a config. */
export interface ReportEntry {
  readonly severity: Severity
  /** Id of the rule, as in `docs/spec/rules.md`: `PATH-EMPTY`. */
  readonly rule: string
  readonly message: string
  readonly path: ConfigPath
  readonly position?: Position
  /** What may help, where it is known already. */
  readonly hint?: string
}

export type Report = readonly ReportEntry[]

export const isFatal = (report: Report): boolean => report.some((entry) => entry.severity === 'error')

/** `$.storage.files.0.path`; keys are not escaped. */
export const formatPath = (path: ConfigPath): string => ['$', ...path].join('.')

/** One line a person and a log scraper can read: `error at $.a.b, line 1 col 2: message`. */
export function formatEntry({ severity, path, position, message }: ReportEntry): string {
  const place = [
    ...(path.length > 0 ? [formatPath(path)] : []),
    ...(position ? [`line ${position.line} col ${position.column}`] : []),
  ].join(', ')
  return `${severity}${place === '' ? '' : ` at ${place}`}: ${message}`
}
