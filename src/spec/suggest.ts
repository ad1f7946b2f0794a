import { configField } from './config.ts'
import type { Field, Fields, ObjectField } from './field.ts'
import type { ConfigPath } from './report.ts'

/** What a key without effect may have been meant to be, in words; undefined when nothing is near. */
export function suggestFor(path: ConfigPath): string | undefined {
  const key = String(path.at(-1))
  const fields = fieldsAt(path.slice(0, -1))
  if (fields === undefined) return undefined
  const newer = fields[key]
  if (newer !== undefined) return `"${key}" exists since version ${newer.since}`
  const near = nearest(key, Object.keys(fields))
  // In another case the key counts, and the entry says so itself.
  if (near?.toLowerCase() === key.toLowerCase()) return undefined
  if (near !== undefined) return `did you mean "${near}"?${sinceNote(fields[near])}`
  const places = placesOf(key, configField, '$')
  return places.length === 0 ? undefined : `"${key}" is a key of ${places.slice(0, 3).join(', ')}`
}

const sinceNote = (field: Field | undefined): string =>
  field === undefined || field.since === '3.0.0' ? '' : ` It exists since version ${field.since}.`

function fieldsAt(path: ConfigPath): Fields | undefined {
  let field: Field = configField
  for (const step of path) {
    if (field.kind === 'list' && typeof step === 'number') field = field.item
    else {
      const inner: Field | undefined = field.kind === 'object' ? field.fields[step] : undefined
      if (inner === undefined) return undefined
      field = inner
    }
  }
  return field.kind === 'object' ? field.fields : undefined
}

/** The nearest of the words, when it is near: a third of the letters, at most three, may differ. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const limit = Math.min(3, Math.ceil(word.length / 3))
  const ranked = words
    .map((other) => ({ other, distance: distance(word.toLowerCase(), other.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
  return ranked[0]?.other
}

/** Levenshtein's distance: letters to insert, drop or replace. */
function distance(from: string, to: string): number {
  // A long key is no misspelling, and the table of letters would be large.
  if (Math.abs(from.length - to.length) > 3) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1]
    for (let at = 0; at < to.length; at++) {
      const replaced = (row[at] ?? 0) + (to[at] === from[index] ? 0 : 1)
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** Objects that have a member of that name. */
function placesOf(key: string, { fields }: ObjectField, path: string): readonly string[] {
  const here = Object.hasOwn(fields, key) ? [path] : []
  const inner = Object.entries(fields).flatMap(([name, field]) => {
    if (field.kind === 'object') return placesOf(key, field, `${path}.${name}`)
    if (field.kind === 'list' && field.item.kind === 'object')
      return placesOf(key, field.item, `${path}.${name}[]`)
    return []
  })
  return [...here, ...inner]
}
