import { configField } from '../config.ts'
import { createLocator, type Locator, readSourceText, type SourceText } from '../json/text.ts'
import { oneForEachMistake } from '../one-each.ts'
import { type ParseOutcome, parseConfig } from '../parse.ts'
import type { TextMap, TextNode } from '../place.ts'
import { type ConfigPath, isFatal, type Report, type ReportEntry } from '../report.ts'
import { entryOf } from '../rules/entry.ts'
import { Budget } from './budget.ts'
import { readDocument } from './document.ts'
import { type Expanded, type ExpandSettings, expand } from './expand.ts'
import { type Finding, Findings } from './findings.ts'
import type { YamlMap, YamlNode } from './node.ts'
import { type Origin, originOf, type Tree, toJson } from './tree.ts'
import { type Variant, variants, versionsOf } from './variants.ts'

/** What a YAML text turns out to be, and the Ignition config that it stands for. */
export type YamlOutcome = ParseOutcome & {
  /** The Ignition config in its own version, as a JSON text; undefined when there is an error. */
  readonly json?: string
  /** Configs that this one brings along, still to be read, with an entry for when they are wrong. */
  readonly configs?: readonly { readonly bytes: Uint8Array; readonly entry: ReportEntry }[]
}

/** Reads a YAML config with a variant: text → config of the newest version, or everything that is wrong with it. */
export function parseYaml(bytes: Uint8Array, settings: ExpandSettings): YamlOutcome {
  const source = readSourceText(bytes)
  const findings = new Findings()
  const expanded = source.malformed ? malformed(source, findings) : expandText(source, findings, settings)
  const report = inOrder(place(source, findings.list))
  if (expanded === undefined || findings.fatal) return { kind: 'invalid', report }
  const json = toJson(expanded.tree, configField)
  return check(source, { expanded, json, report })
}

function malformed({ text }: SourceText, findings: Findings): undefined {
  const offset = /[\udc00-\udcff]/.exec(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '  '))?.index ?? 0
  findings.add('YAML-SYNTAX', { path: [], offset }, 'this byte is not UTF-8')
}

function expandText(
  { text }: SourceText,
  findings: Findings,
  settings: ExpandSettings,
): Expanded | undefined {
  const budget = new Budget()
  const document = readDocument(text, budget)
  if (document.kind === 'fault') {
    findings.add(document.rule, { path: [], offset: document.offset }, document.message)
    return undefined
  }
  const { root } = document
  if (root.kind !== 'map') {
    findings.add('YAML-TYPE', { path: [], offset: root.offset }, 'a config is a map: keys with a colon')
    return undefined
  }
  const variant = variantOf(root, findings)
  return variant && expand(root, { ...settings, variant, budget, findings })
}

function variantOf(root: YamlMap, findings: Findings): Variant | undefined {
  const name = headerOf(root, 'variant')
  const rows = versionsOf(name.text)
  if (rows.length === 0) {
    const known = [...new Set(variants.map((row) => row.name))].join(', ')
    findings.add('BU-VARIANT', name.from, `known are ${known}`)
    return undefined
  }
  const version = headerOf(root, 'version')
  const row = rows.find((one) => one.version === version.text)
  if (row !== undefined) return row
  const known = rows.map((one) => one.version).join(', ')
  const reason = version.text === '' ? 'a version is needed' : 'this one is not known'
  findings.add('BU-VERSION', version.from, `${reason}; known for ${name.text} are ${known}`)
  return undefined
}

function headerOf(root: YamlMap, key: string): { text: string; from: Origin } {
  const value: YamlNode | undefined = root.members.get(key)?.value
  const text = value?.kind === 'scalar' ? value.text : ''
  return { text, from: { path: [key], offset: value?.offset ?? root.offset } }
}

interface Written {
  readonly expanded: Expanded
  readonly json: string
  readonly report: Report
}

/** The rest is what every config goes through; entries go back to the places that they come from. */
function check(source: SourceText, { expanded, json, report }: Written): YamlOutcome {
  const outcome = parseConfig(new TextEncoder().encode(json))
  if (outcome.kind === 'empty' || outcome.kind === 'version') {
    const entry = entryOf('BU-VERSION', ['version'])
    return { kind: 'invalid', report: [...report, entry] }
  }
  const locate = createLocator(source)
  const entries = outcome.report.map((entry): ReportEntry => {
    const { path, offset } = originOf(expanded.tree, entry.path)
    return { ...entry, path, position: locate(offset) }
  })
  const all = inOrder([...report, ...entries])
  if (outcome.kind === 'invalid' || isFatal(all)) return { kind: 'invalid', report: all }
  const configs = expanded.configs.map(({ bytes, from: { path, offset } }) => ({
    bytes,
    entry: { ...entryOf('BU-CONFIG', path), position: locate(offset) },
  }))
  const map = yamlNodes(expanded.tree, locate)
  return { kind: 'config', config: outcome.config, report: all, map, json, configs }
}

/** The values of the config where they stand, or where the sugar stands that they were made of. */
function yamlNodes(tree: Tree, locate: Locator): TextMap {
  const at = (source: string, path: ConfigPath): TextNode => ({
    source,
    format: 'yaml',
    position: () => locate(originOf(tree, path).offset),
    path: () => originOf(tree, path).path,
    child: (step) => at(source, [...path, step]),
    // a name may be another one in YAML
    follows: () => false,
  })
  return { format: 'yaml', start: (source) => at(source, []) }
}

/** One entry for each mistake, in the order of the text. */
const inOrder = (report: Report): Report =>
  oneForEachMistake(report).toSorted(({ position: a }, { position: b }) =>
    a === undefined || b === undefined ? 0 : a.line - b.line || a.column - b.column,
  )

function place(source: SourceText, findings: readonly Finding[]): Report {
  const locate = createLocator(source)
  return findings.map(({ entry, offset }) => ({ ...entry, position: locate(offset) }))
}
