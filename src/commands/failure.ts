import { errorCodes, IgnitionError } from '../errors.ts'

/** The error as one line, its causes after it: what every log line and the console say. */
export function describeFailure(error: unknown): string {
  const parts: string[] = []
  for (let cause: unknown = error; cause !== undefined && parts.length < 8; cause = causeOf(cause)) {
    // says only that a deadline has come, which the message above it says better
    if (cause instanceof Error && cause.name === 'AbortError') continue
    const text = textOf(cause)
    if (!parts.some((part) => part.includes(text))) parts.push(text)
  }
  return parts.join(': ')
}

/** Node hides what went wrong on each address behind an empty message. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(textOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)

/** What a person reads last on the console: what failed, why, and the way out. */
export function formatFailure(what: string, error: unknown): string {
  const known = error instanceof IgnitionError ? error : undefined
  const code = known?.code ?? 'FL_INTERNAL'
  return [
    `${what} failed`,
    `  why:  ${describeFailure(error)}`,
    `  code: ${code}`,
    `  hint: ${errorCodes[code].wayOut}`,
    '',
  ].join('\n')
}
