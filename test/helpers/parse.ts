import type { Config } from '../../src/spec/config.ts'
import { type ParseOutcome, parseConfig } from '../../src/spec/parse.ts'
import { readConfig } from '../../src/spec/read-config.ts'
import type { Report } from '../../src/spec/report.ts'

const encoder = new TextEncoder()

/** Parses a config that a test writes as text or as a value. */
export const parseText = (value: unknown): ParseOutcome =>
  parseConfig(encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)))

/** The config that must come of it. */
export function parsedConfig(value: unknown): Config {
  const outcome = parseText(value)
  if (outcome.kind !== 'config') throw new Error(`not a config: ${JSON.stringify(outcome)}`)
  return outcome.config
}

/** The report of a config that has a version. */
export function reportOf(value: unknown): Report {
  const outcome = parseText(value)
  if (outcome.kind === 'empty' || outcome.kind === 'version') throw new Error(`no report: ${outcome.kind}`)
  return outcome.report
}

/** The report of a config, JSON or YAML, as a booting machine sees it. */
export async function reportOfBytes(bytes: Uint8Array): Promise<Report> {
  const outcome = await readConfig(bytes)
  if (outcome.kind === 'empty' || outcome.kind === 'version') throw new Error(`no report: ${outcome.kind}`)
  return outcome.report
}
