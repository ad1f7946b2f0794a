/** What a transport's error says, with the errors inside it: several addresses that each failed, a cause. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0)
    return [...new Set(error.errors.map(describeCause))].join('; ')
  const message = error.message === '' ? error.name : error.message
  return error.cause instanceof Error && !message.includes(error.cause.message)
    ? `${message}: ${describeCause(error.cause)}`
    : message
}
