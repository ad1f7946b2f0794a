import { type ErrorCode, errorCodes, IgnitionError } from '../errors.ts'
import type { Place } from '../spec/place.ts'
import { formatPath } from '../spec/report.ts'

/** Why a stage failed, as plain data without secrets. */
export interface Failure {
  readonly stage: string
  readonly code: ErrorCode
  /** What the code means, and the way out, as in docs/errors.md. */
  readonly means: string
  readonly hint: string
  /** What failed, then why, then why that. */
  readonly causes: readonly string[]
  /** What was being done. */
  readonly step?: string
  /** Where the part of the config that it is about stands. */
  readonly place?: ReportedPlace
  /** Whether it was found before this boot's first change of the machine. */
  readonly isBeforeChange?: true
}

/** A place of a config in the words of the report. */
export interface ReportedPlace {
  /** `cmdline`, `system`, a platform id, or the path or URL that the text came from. */
  readonly source: string
  /** `$.storage.files.0.path` */
  readonly path: string
  readonly line: number
  /** In bytes, from 1. */
  readonly column: number
  /** What stands there, where it is no secret. */
  readonly text?: string
}

/** A place as it is reported. */
export const reportedPlace = ({ source, path, position, text }: Place): ReportedPlace => ({
  source,
  path: formatPath(path),
  ...position,
  ...(text === undefined ? {} : { text }),
})

/** An error of a stage as data. */
export function failureOf(stage: string, error: unknown): Failure {
  const known = error instanceof IgnitionError ? error : undefined
  const code = known?.code ?? 'FL_INTERNAL'
  const { means, wayOut } = errorCodes[code]
  return {
    stage,
    code,
    means,
    hint: wayOut,
    causes: causesOf(error),
    ...(known?.step === undefined ? {} : { step: known.step }),
    ...(known?.place === undefined ? {} : { place: reportedPlace(known.place) }),
    ...(known?.isBeforeChange === true ? { isBeforeChange: true } : {}),
  }
}

/** Causes that are told, at most. */
const mostCauses = 8

/** What an error and its causes say, in turn. */
export function causeTexts(error: unknown): readonly string[] {
  const texts: string[] = []
  for (let cause = error; cause !== undefined && texts.length < mostCauses; cause = causeOf(cause)) {
    // says only that a deadline has come, which the message above it says better
    if (!(cause instanceof Error && cause.name === 'AbortError')) texts.push(textOf(cause))
  }
  return texts
}

/** One line for each cause: an error's words mostly end in those of its own cause, which are told once. */
function causesOf(error: unknown): readonly string[] {
  const texts = causeTexts(error)
  const lines = texts.flatMap((text, index) => {
    const isTold = texts.slice(0, index).some((before) => before.includes(text) && !endsIn(before, text))
    if (isTold) return []
    const next = texts.slice(index + 1).find((later) => endsIn(text, later))
    const own = next === undefined ? text : text.slice(0, -next.length - separator.length)
    return own.split('\n').filter((line) => line.trim() !== '')
  })
  return [...new Set(lines)]
}

const separator = ': '

const endsIn = (text: string, cause: string): boolean => text.endsWith(separator + cause)

/** Node hides what went wrong on each address behind an empty message. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(textOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)
