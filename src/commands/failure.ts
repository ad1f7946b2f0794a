import { causeTexts, failureOf } from '../outcome/failure.ts'
import { formatPanel } from '../outcome/panel.ts'

/** The error as one line, its causes after it: what every log line and the console say. */
export function describeFailure(error: unknown): string {
  const parts: string[] = []
  for (const text of causeTexts(error)) if (!parts.some((part) => part.includes(text))) parts.push(text)
  return parts.join(': ')
}

/** What a person reads last on the console: what failed, why, and the way out. */
export const formatFailure = (what: string, error: unknown, more?: string): string =>
  formatPanel(failureOf(what, error), more)
