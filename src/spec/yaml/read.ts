import type { Field, ListField, ObjectField } from '../field.ts'
import type { ConfigPath } from '../report.ts'
import { nearest } from '../suggest.ts'
import type { Budget } from './budget.ts'
import type { Findings } from './findings.ts'
import type { YamlMap, YamlNode, YamlScalar } from './node.ts'
import { booleanOf, integerOf, isNull } from './scalars.ts'
import { slotsAt } from './shape.ts'
import { type Branch, grow, type Tree } from './tree.ts'
import { type Variant, versionsOf } from './variants.ts'

export interface ReadSettings {
  readonly variant: Variant
  readonly budget: Budget
  readonly findings: Findings
}

interface Place {
  /** In the YAML text. */
  readonly path: ConfigPath
  /** Names of the spec joined by dots. */
  readonly name: string
}

const top: Place = { path: [], name: '' }

/** Keys at the top that say what the rest is. */
const headers = new Set(['variant', 'version'])

/** Reads a YAML document by the tables of fields and sugar; what is wrong with it is among the findings. */
export function readTree(root: YamlMap, field: ObjectField, settings: ReadSettings): Branch {
  const members = new Map([...root.members].filter(([key]) => !headers.has(key)))
  return readMap({ ...root, members }, field, { settings, place: top })
}

interface Where {
  readonly settings: ReadSettings
  readonly place: Place
}

function readMap(node: YamlMap, field: ObjectField, { settings, place }: Where): Branch {
  const slots = slotsAt(settings.variant, place.name, field)
  const open = Object.keys(field.fields).length === 0 && slots.size === 0
  const members = new Map<string, Tree>()
  for (const [key, { value, offset }] of node.members) {
    const path = [...place.path, key]
    const slot = slots.get(key)
    if (slot === undefined && !open) {
      settings.findings.add('UNUSED', { path, offset }, key, hintFor({ key, place, field, settings }))
      continue
    }
    const name = slot?.name ?? key
    const inner = slot?.field ?? anyText
    const where = { settings, place: { path, name: place.name === '' ? name : `${place.name}.${name}` } }
    const tree = readValue(value, inner, where)
    if (tree !== undefined) members.set(name, tree)
  }
  return { kind: 'branch', members, from: { path: place.path, offset: node.offset } }
}

const anyText = { kind: 'string' } as const

type Readable = Field | typeof anyText

/** Undefined when there is no value, or a wrong one. */
function readValue(node: YamlNode, field: Readable, where: Where): Tree | undefined {
  const { budget, findings } = where.settings
  const from = { path: where.place.path, offset: node.offset }
  if (!budget.spend(node.kind === 'scalar' ? node.text.length : 0)) {
    // one message, however many places are left
    findings.add('YAML-LIMIT', { path: [], offset: 0 }, 'aliases make the document too large')
    return undefined
  }
  if (node.kind === 'scalar' && isNull(node)) return undefined
  switch (field.kind) {
    case 'object':
      if (node.kind === 'map') return readMap(node, field, where)
      break
    case 'list':
      if (node.kind === 'list') return { kind: 'row', items: readItems(node.items, field, where), from }
      break
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret': {
      const value = node.kind === 'scalar' ? scalarOf(node, field.kind) : undefined
      if (value !== undefined) return grow(value, from)
    }
  }
  findings.add('YAML-TYPE', from, `${kindOf(node)} stands here, but ${wanted(node, field)}`)
  return undefined
}

function readItems(nodes: readonly YamlNode[], field: ListField, { settings, place }: Where): Tree[] {
  return nodes.flatMap((node, index) => {
    const path = [...place.path, index]
    if (node.kind === 'scalar' && isNull(node)) {
      const from = { path, offset: node.offset }
      settings.findings.add('YAML-TYPE', from, `nothing stands here, but ${wanted(node, field.item)}`)
      return []
    }
    const tree = readValue(node, field.item, { settings, place: { path, name: place.name } })
    return tree === undefined ? [] : [tree]
  })
}

/** A string is what is written, whatever YAML would make of it: `yes`, `12:30`, `0x10`, `2020-01-01`. */
function scalarOf(node: YamlScalar, kind: 'string' | 'integer' | 'boolean' | 'secret') {
  if (kind === 'string' || kind === 'secret') return node.text
  return kind === 'integer' ? integerOf(node) : booleanOf(node)
}

function kindOf(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  if (!node.plain) return 'text in quotes'
  if (integerOf(node) !== undefined) return 'a number'
  return booleanOf(node) === undefined ? 'text' : 'true or false'
}

function wanted(node: YamlNode, field: Readable): string {
  switch (field.kind) {
    case 'object':
      return 'a map is needed: keys with a colon'
    case 'list':
      return 'a list is needed: items with a dash'
    case 'string':
    case 'secret':
      return 'text is needed'
    case 'boolean':
      return 'true or false is needed, without quotes'
    case 'integer':
      return node.kind === 'scalar' && /^0[0-9]*[89][0-9]*$/.test(node.text)
        ? 'a whole number is needed; one that begins with 0 is octal and has no 8 or 9'
        : 'a whole number is needed, without quotes'
  }
}

interface Unknown {
  readonly key: string
  readonly place: Place
  readonly field: ObjectField
  readonly settings: ReadSettings
}

function hintFor({ key, place, field, settings: { variant } }: Unknown): string | undefined {
  const first = versionsOf(variant.name).find((row) => slotsAt(row, place.name, field).has(key))
  if (first !== undefined) return `"${key}" exists since ${variant.name} ${first.version}`
  const near = nearest(key, [...slotsAt(variant, place.name, field).keys()])
  return near === undefined ? undefined : `did you mean "${near}"?`
}
