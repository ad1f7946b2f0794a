import { Secret } from '../secret.ts'
import { type Config, configField } from './config.ts'
import type { Field, Fields, ListField, ListIdentity, ObjectField } from './field.ts'

type Struct = Readonly<Record<string, unknown>>
type Keyed = Extract<ListIdentity, { kind: 'keyed' }>
type Items = readonly unknown[]

/** Lays a child config over its parent. Both are of the newest version; neither is changed. */
export const mergeConfigs = (parent: Config, child: Config): Config =>
  mergeObjects(configField, parent, child) as Config

function mergeObjects({ fields }: ObjectField, parent: Struct, child: Struct): Struct {
  const merged: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    merged[name] = mergeMember({ fields, name, field }, parent, child)
  }
  return merged
}

interface Member {
  readonly fields: Fields
  readonly name: string
  readonly field: Field
}

function mergeMember({ fields, name, field }: Member, parent: Struct, child: Struct): unknown {
  const before = parent[name]
  const over = child[name]
  switch (field.kind) {
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret':
      return over === undefined ? before : over
    case 'object':
      if (isBlank(field, over as Struct)) return before
      return isBlank(field, before as Struct) ? over : mergeObjects(field, before as Struct, over as Struct)
    case 'list':
      if (field.identity.kind === 'append') return [...(before as Items), ...(over as Items)]
      return mergeKeyed(field, field.identity, {
        before: before as Items,
        over: over as Items,
        elsewhere: keysElsewhere(fields, name, child),
      })
  }
}

const isNothing = (scalar: unknown): boolean => (scalar instanceof Secret ? scalar.reveal() === '' : !scalar)

/** Whether an object says nothing at all. */
export function isBlank({ fields }: ObjectField, value: Struct): boolean {
  for (const name in fields) {
    const field = fields[name] as Field
    const member = value[name]
    const isSilent =
      field.kind === 'object'
        ? isBlank(field, member as Struct)
        : field.kind === 'list'
          ? (member as Items).length === 0
          : member === undefined || (field.always && isNothing(member))
    if (!isSilent) return false
  }
  return true
}

/** Keys of the child's other lists of the same namespace. */
function keysElsewhere(fields: Fields, name: string, child: Struct): ReadonlySet<string> {
  const keys = new Set<string>()
  const namespace = namespaceOf(fields[name])
  if (namespace === undefined) return keys
  for (const [other, field] of Object.entries(fields)) {
    if (other === name || namespaceOf(field) !== namespace) continue
    if (field.kind !== 'list' || field.identity.kind !== 'keyed') continue
    for (const item of child[other] as Items) keys.add(field.identity.key(item))
  }
  return keys
}

const namespaceOf = (field: Field | undefined): string | undefined =>
  field?.kind === 'list' && field.identity.kind === 'keyed' ? field.identity.namespace : undefined

interface Lists {
  readonly before: Items
  readonly over: Items
  /** Keys that the child has in other lists: items with them move there. */
  readonly elsewhere: ReadonlySet<string>
}

function mergeKeyed({ item }: ListField, identity: Keyed, { before, over, elsewhere }: Lists): Items {
  if (before.length === 0) return over
  if (over.length === 0 && elsewhere.size === 0) return before
  const overByKey = new Map(over.map((value) => [identity.key(value), value]))
  const keysBefore = new Set(before.map((value) => identity.key(value)))
  const merged: unknown[] = []
  for (const value of before) {
    const key = identity.key(value)
    const match = overByKey.get(key)
    if (match === undefined) {
      if (!elsewhere.has(key)) merged.push(value)
    } else if (!removes(identity, match)) {
      merged.push(item.kind === 'object' ? mergeObjects(item, value as Struct, match as Struct) : match)
    }
  }
  return [...merged, ...over.filter((value) => !keysBefore.has(identity.key(value)))]
}

const removes = ({ removesWithout }: Keyed, item: unknown): boolean =>
  removesWithout !== undefined && (item as Struct)[removesWithout] === undefined
