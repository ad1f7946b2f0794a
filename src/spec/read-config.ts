import { describeForeign, hasVariant } from './foreign.ts'
import { parseConfig } from './parse.ts'
import { formatEntry, isFatal, type ReportEntry } from './report.ts'
import type { ExpandSettings } from './yaml/expand.ts'
import type { YamlOutcome } from './yaml/parse.ts'

/** A booting machine has no local files, and no reason to make contents smaller. */
const atBoot: ExpandSettings = { local: undefined, gzip: undefined }

/**
 * Reads a config as JSON or as YAML with a variant: bytes → config of the newest version, or everything that is
 * wrong with them. YAML is loaded only when a text says that it is some.
 */
export async function readConfig(bytes: Uint8Array, settings = atBoot): Promise<YamlOutcome> {
  const { configs = [], ...outcome } = await readOne(bytes, settings)
  const entries: ReportEntry[] = []
  // what they bring along themselves is read when they are used
  for (const { bytes: inner, entry } of configs) {
    const fault = faultOf(await readOne(inner, settings))
    if (fault !== undefined) entries.push({ ...entry, message: `${entry.message}: ${fault}` })
  }
  if (entries.length === 0) return outcome
  return { kind: 'invalid', report: [...('report' in outcome ? outcome.report : []), ...entries] }
}

async function readOne(bytes: Uint8Array, settings: ExpandSettings): Promise<YamlOutcome> {
  const outcome = parseConfig(bytes)
  const [first] = outcome.kind === 'invalid' ? outcome.report : []
  const isNoJson = first?.rule === 'JSON-SYNTAX'
  const hasNoVersion = outcome.kind === 'version' && outcome.reason === 'invalid'
  if (!isNoJson && !hasNoVersion) return outcome
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  if (hasVariant(text)) return (await import('./yaml/parse.ts')).parseYaml(bytes, settings)
  const message = isNoJson ? describeForeign(text) : undefined
  return message === undefined || first === undefined
    ? outcome
    : { kind: 'invalid', report: [{ ...first, message }] }
}

/** The first error; a config that is empty changes nothing. */
function faultOf(outcome: YamlOutcome): string | undefined {
  if (outcome.kind === 'version') return outcome.message
  const errors = outcome.kind === 'invalid' ? outcome.report.filter((entry) => isFatal([entry])) : []
  return errors[0] && formatEntry(errors[0])
}
