import { type Config, configField } from './config.ts'
import type { Field, ListIdentity } from './field.ts'
import { isBlank, mergeConfigs } from './merge.ts'
import { namingPath, type Place, placeOfNode, type TextMap, type TextNode } from './place.ts'
import type { ConfigPath } from './report.ts'

/** A config and where its parts come from. */
export interface Sourced {
  readonly config: Config
  /** Undefined for what nobody wrote. */
  readonly origin: Origin | undefined
}

/** Where the parts of a config come from: one text, or two configs that were merged. Nothing is looked up before it is asked for. */
export type Origin =
  | { readonly kind: 'text'; readonly start: () => TextNode }
  | { readonly kind: 'merged'; readonly parent: Sourced; readonly child: Sourced }

/** Lays a child config over its parent, as `mergeConfigs`, and keeps where the parts of both come from. */
export function mergeSourced(parent: Sourced, child: Sourced): Sourced {
  const config = mergeConfigs(parent.config, child.config)
  // an empty config changes no path
  if (parent.origin === undefined) return { config, origin: child.origin }
  return { config, origin: { kind: 'merged', parent, child } }
}

/** A config as it stands in one text. */
export const sourcedText = (config: Config, map: TextMap, source: string): Sourced => ({
  config,
  origin: { kind: 'text', start: () => map.start(source) },
})

/** Where the value at a path of a config comes from, or the nearest thing around it that is there. */
export function placeOf({ config, origin }: Sourced, path: ConfigPath): Place | undefined {
  const named = namingPath(config, path)
  let cursor = startAt({ origin })
  let field: Field = configField
  let value: unknown = config
  for (const step of named) {
    const inner = fieldAt(field, step)
    const member = (value as Readonly<Record<string | number, unknown>>)[step]
    if (inner === undefined || !saysSomething(inner, member)) break
    value = member
    cursor = descend(cursor, { field, step, value })
    field = inner
  }
  const text = textAt(cursor)
  const place = text && placeOfNode(text)
  return place === undefined || named === path ? place : { ...place, path: place.path.slice(0, -1) }
}

/** Where a walk through a config is, in the texts that it comes from. */
export type Cursor =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'text'; readonly node: TextNode }
  | {
      readonly kind: 'merged'
      readonly parent: Cursor
      readonly child: Cursor
      readonly before: unknown
      readonly over: unknown
    }

const nowhere: Cursor = { kind: 'nowhere' }

/** The cursor at the root of a config. */
export function startAt({ origin }: { readonly origin: Origin | undefined }): Cursor {
  if (origin === undefined) return nowhere
  if (origin.kind === 'text') return { kind: 'text', node: origin.start() }
  const { parent, child } = origin
  return {
    kind: 'merged',
    parent: startAt(parent),
    child: startAt(child),
    before: parent.config,
    over: child.config,
  }
}

/** The text that a cursor stands in; where both configs have something, the later one. */
export function textAt(cursor: Cursor): TextNode | undefined {
  switch (cursor.kind) {
    case 'nowhere':
      return undefined
    case 'text':
      return cursor.node
    case 'merged':
      return textAt(cursor.child) ?? textAt(cursor.parent)
  }
}

/** One step into a merged config. */
export interface Descent {
  /** Of the value that the step leads out of. */
  readonly field: Field
  readonly step: string | number
  /** The merged value that the step leads to. */
  readonly value: unknown
}

/** Follows the merge again: which of the two configs has given what the step leads to. */
export function descend(cursor: Cursor, descent: Descent): Cursor {
  switch (cursor.kind) {
    case 'nowhere':
      return cursor
    case 'text':
      return { kind: 'text', node: cursor.node.child(descent.step) }
    case 'merged':
      return descent.field.kind === 'list'
        ? descendList(cursor, descent, descent.field.identity)
        : descendObject(cursor, descent)
  }
}

type Merged = Cursor & { readonly kind: 'merged' }
type Struct = Readonly<Record<string, unknown>>
type Items = readonly unknown[]

function descendObject({ parent, child, ...values }: Merged, descent: Descent): Cursor {
  const { field, step } = descent
  const inner = fieldAt(field, step)
  const before = (values.before as Struct)[step]
  const over = (values.over as Struct)[step]
  const isIn = (value: unknown) => inner !== undefined && saysSomething(inner, value)
  const intoParent = descend(parent, { ...descent, value: before })
  const intoChild = isIn(over) ? descend(child, { ...descent, value: over }) : nowhere
  if (!isIn(before)) return intoChild
  // also a child without items can take some away, by having them in another list
  if (inner?.kind === 'list') return { kind: 'merged', parent: intoParent, child: intoChild, before, over }
  if (!isIn(over)) return intoParent
  if (inner?.kind !== 'object') return intoChild
  return { kind: 'merged', parent: intoParent, child: intoChild, before, over }
}

/** Whether a value is there at all: a config has all its objects and lists, said or not. */
export function saysSomething(field: Field, value: unknown): boolean {
  if (field.kind === 'object') return !isBlank(field, value as Struct)
  return value !== undefined && (field.kind !== 'list' || (value as Items).length > 0)
}

function descendList(cursor: Merged, { field, step, value }: Descent, identity: ListIdentity): Cursor {
  const before = cursor.before as Items
  const over = cursor.over as Items
  const inParent = (index: number) => descend(cursor.parent, { field, step: index, value: before[index] })
  const inChild = (index: number) => descend(cursor.child, { field, step: index, value: over[index] })
  const index = Number(step)
  if (identity.kind === 'append')
    return index < before.length ? inParent(index) : inChild(index - before.length)
  const key = identity.key(value)
  const earlier = indexesOf(before, identity).get(key)
  const later = indexesOf(over, identity).get(key)
  if (later === undefined) return earlier === undefined ? nowhere : inParent(earlier)
  if (earlier === undefined || typeof value !== 'object') return inChild(later)
  return {
    kind: 'merged',
    parent: inParent(earlier),
    child: inChild(later),
    before: before[earlier],
    over: over[later],
  }
}

const indexesOfLists = new WeakMap<Items, ReadonlyMap<string, number>>()

function indexesOf(items: Items, identity: ListIdentity & { kind: 'keyed' }): ReadonlyMap<string, number> {
  let indexes = indexesOfLists.get(items)
  if (indexes === undefined) {
    indexes = new Map(items.map((item, index) => [identity.key(item), index]))
    indexesOfLists.set(items, indexes)
  }
  return indexes
}

/** The field that a step leads to. */
function fieldAt(field: Field, step: string | number): Field | undefined {
  if (field.kind === 'list') return field.item
  return field.kind === 'object' ? field.fields[step] : undefined
}
