import { type Config, configField } from '../config.ts'
import type { ListField, ObjectField } from '../field.ts'
import type { ConfigPath } from '../report.ts'
import { entryOf, type PlainEntry } from './run.ts'

/** Reports items whose key stood before, in every list whose items have one. */
export function findDuplicates(config: Config): readonly PlainEntry[] {
  const entries: PlainEntry[] = []
  searchObject({ field: configField, value: config, path: [] }, entries)
  return entries
}

interface Place {
  readonly field: ObjectField
  readonly value: Readonly<Record<string, unknown>>
  readonly path: ConfigPath
}

function searchObject({ field, value, path }: Place, entries: PlainEntry[]): void {
  const namespaces = new Map<string, Set<string>>()
  const members = Object.entries(field.fields)
  for (const [name, member] of members) {
    if (member.kind !== 'list' || member.identity.kind !== 'keyed') continue
    const items = value[name] as readonly unknown[]
    if (items.length === 0) continue
    const namespace = member.identity.namespace ?? name
    const seen = namespaces.get(namespace) ?? new Set()
    namespaces.set(namespace, seen)
    for (const [index, item] of items.entries()) {
      const key = member.identity.key(item)
      if (seen.has(key)) entries.push(entryOf('DUP', [...path, name, index], key))
      seen.add(key)
    }
  }
  for (const [name, member] of members) {
    if (member.kind === 'object') {
      searchObject({ field: member, value: value[name] as Place['value'], path: [...path, name] }, entries)
    } else if (member.kind === 'list')
      searchItems(member, value[name] as readonly unknown[], [...path, name], entries)
  }
}

function searchItems(
  { item }: ListField,
  items: readonly unknown[],
  path: ConfigPath,
  entries: PlainEntry[],
): void {
  if (item.kind !== 'object') return
  for (const [index, value] of items.entries()) {
    searchObject({ field: item, value: value as Place['value'], path: [...path, index] }, entries)
  }
}
