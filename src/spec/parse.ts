import type { Config } from './config.ts'
import { decode } from './decode.ts'
import { type SyntaxFault, scanJson } from './json/scan.ts'
import type { Tape } from './json/tape.ts'
import { createLocator, type Locator, readSourceText, type SourceText } from './json/text.ts'
import { createPathFinder, jsonNodes } from './locate.ts'
import type { TextMap } from './place.ts'
import { configSlot, type Struct, versionSlot } from './prune.ts'
import { isFatal, type Report, type ReportEntry } from './report.ts'
import type { RuleId } from './rules/catalogue.ts'
import { entryOf } from './rules/entry.ts'
import { runRules } from './rules/run.ts'
import { findUnused } from './unused.ts'
import { upgrade } from './upgrade.ts'
import { newestVersion, readVersion, type Version, versions } from './versions.ts'

/** What bytes turn out to be. */
export type ParseOutcome =
  /** A config brought to the newest version, and warnings about it. */
  | { readonly kind: 'config'; readonly config: Config; readonly report: Report; readonly map: TextMap }
  /** No bytes at all: not a config, but no fault either. */
  | { readonly kind: 'empty' }
  /** A version that cannot be read, or that is not a known one. */
  | { readonly kind: 'version'; readonly reason: 'invalid' | 'unsupported'; readonly message: string }
  | { readonly kind: 'invalid'; readonly report: Report }

/** Reads a config of any version: bytes → config of the newest version, or everything that is wrong with them. */
export function parseConfig(bytes: Uint8Array): ParseOutcome {
  if (bytes.length === 0) return { kind: 'empty' }
  const source = readSourceText(bytes)
  const scan = scanJson(source)
  const locate = createLocator(source)
  if (scan.kind === 'fault') return invalid(syntaxEntry(scan, source, locate))
  const stub = decode(scan, versionSlot())
  if (stub.fault !== undefined) return invalid(typeEntry(stub.fault, locate))
  const text = (stub.value['ignition'] as { version: string }).version
  const verdict = readVersion(text)
  if (verdict.kind !== 'version') return versionOutcome(verdict.kind, text)
  return parseVersion(scan, verdict.version, locate)
}

function parseVersion(tape: Tape, version: Version, locate: Locator): ParseOutcome {
  const { value, fault, odd } = decode(tape, configSlot(version))
  if (fault !== undefined) return invalid(typeEntry(fault, locate))
  const config = value as unknown as Config
  const { findings, duplicates } = runRules(config, version)
  const entries = [...findings, ...duplicates]
  const report = locateAll({ tape, locate, entries, odd }, version, value)
  return isFatal(report)
    ? { kind: 'invalid', report }
    : { kind: 'config', config: upgrade(config, version), report, map: jsonNodes(tape, locate) }
}

interface Findings {
  readonly tape: Tape
  readonly locate: Locator
  readonly entries: Report
  readonly odd: boolean
}

/** Adds positions and what has no effect. As in the reference a number that overflows costs both. */
function locateAll({ tape, locate, entries, odd }: Findings, version: Version, value: Struct): Report {
  if (tape.overflows) return entries
  const find = entries.length > 0 ? createPathFinder(tape) : () => 0
  const placed = entries.map((entry) => ({ ...entry, position: locate(find(entry.path)) }))
  const unused = odd ? findUnused(tape, configSlot(version), value) : []
  const noted = unused.map(({ rule, path, offset, message }) => {
    const entry = entryOf(rule, path, rule === 'UNUSED' ? String(path.at(-1)) : undefined)
    return { ...entry, message: message ?? entry.message, position: locate(offset) }
  })
  return [...placed, ...noted]
}

const invalid = (entry: ReportEntry): ParseOutcome => ({ kind: 'invalid', report: [entry] })

/** The position is behind the first byte that cannot be part of a JSON document. */
function syntaxEntry({ offset, message }: SyntaxFault, { units }: SourceText, locate: Locator): ReportEntry {
  const unit = units[offset]
  const position =
    unit !== undefined && unit > 0x7f ? locate(offset, 1) : locate(offset + (unit === undefined ? 0 : 1))
  return faultEntry('JSON-SYNTAX', message, position)
}

const typeEntry = ({ offset, message }: { offset: number; message: string }, locate: Locator): ReportEntry =>
  faultEntry('JSON-TYPE', message, locate(offset))

const faultEntry = (
  rule: RuleId,
  message: string,
  position: ReportEntry['position'] & object,
): ReportEntry => ({
  severity: 'error',
  rule,
  message,
  path: [],
  position,
})

function versionOutcome(reason: 'invalid' | 'unsupported', text: string): ParseOutcome {
  const shown = JSON.stringify(text.slice(0, 40))
  const message =
    reason === 'invalid'
      ? `ignition.version is not a version: ${shown}`
      : `ignition.version ${shown} is not supported; known are ${versions.join(', ')}`
  return { kind: 'version', reason, message }
}

/** Runs the rules over a config of the newest version that was not read from one text: no positions, no duplicates. */
export const validateConfig = (config: Config): Report => runRules(config, newestVersion).findings
