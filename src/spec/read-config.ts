import { describeForeign, hasVariant } from './foreign.ts'
import { parseConfig } from './parse.ts'
import type { ExpandSettings } from './yaml/expand.ts'
import type { YamlOutcome } from './yaml/parse.ts'

/** A booting machine has no local files, and no reason to make contents smaller. */
const atBoot: ExpandSettings = { local: undefined, gzip: undefined }

/**
 * Reads a config as JSON or as YAML with a variant: bytes → config of the newest version, or everything that is
 * wrong with them. YAML is loaded only when a text says that it is some.
 */
export async function readConfig(bytes: Uint8Array, settings = atBoot): Promise<YamlOutcome> {
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
