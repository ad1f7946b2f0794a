import { type Config, configField } from './config.ts'
import type { Field } from './field.ts'
import type { Place, TextFormat } from './place.ts'
import type { ConfigPath } from './report.ts'
import { type Cursor, descend, placeAt, saysSomething, startAt, type Trace, type Traced } from './trace.ts'

/** Where every value of a config comes from, as plain data: a later stage has the config, but not the texts. */
export interface KeptPlaces {
  /** Version of the shape. */
  readonly shape: 1
  readonly sources: readonly { readonly name: string; readonly format: TextFormat | null }[]
  /** Index of the source, line and column of each value in turn; three times -1 for what nobody wrote. */
  readonly places: readonly number[]
  /** Path in the text of the values, by their turn, that do not stand where their parent's path and their own name lead. */
  readonly paths: Readonly<Record<string, ConfigPath>>
}

const shape = 1

/** The places of a config's values. */
export function keepPlaces(traced: Traced): KeptPlaces {
  const sources = new Map<string, { index: number; format: TextFormat | null }>()
  const places: number[] = []
  const paths: Record<string, ConfigPath> = {}
  const keep = (node: Node, cursor: Cursor, expected: ConfigPath): void => {
    const turn = places.length / 3
    const place = placeAt(cursor)
    if (place === undefined) places.push(-1, -1, -1)
    else {
      const source = sources.get(place.source) ?? { index: sources.size, format: place.format ?? null }
      sources.set(place.source, source)
      places.push(source.index, place.position.line, place.position.column)
      if (!isSame(place.path, expected)) paths[turn] = place.path
    }
    const path = place?.path ?? expected
    for (const child of childrenOf(node)) {
      const { step, value } = child
      keep(child, descend(cursor, { field: node.field, step, value }), [...path, step])
    }
  }
  keep({ field: configField, step: '', value: traced.config }, startAt(traced), [])
  return {
    shape,
    sources: [...sources].map(([name, { format }]) => ({ name, format })),
    places,
    paths,
  }
}

/** The trace of a config whose places were kept; undefined when they are not of this config. */
export function restorePlaces(config: Config, kept: KeptPlaces): Trace | undefined {
  if (
    kept.shape !== shape ||
    kept.places.length !== 3 * countOf({ field: configField, step: '', value: config })
  )
    return undefined
  let found: ReadonlyMap<string, Place> | undefined
  return {
    kind: 'text',
    find(path) {
      found ??= allPlaces(config, kept)
      for (let length = path.length; length >= 0; length -= 1) {
        const place = found.get(keyOf(path.slice(0, length)))
        if (place !== undefined) return place
      }
      return undefined
    },
  }
}

function allPlaces(config: Config, { sources, places, paths }: KeptPlaces): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>()
  let turn = 0
  const restore = (node: Node, own: ConfigPath, expected: ConfigPath): void => {
    const [index = -1, line = 0, column = 0] = places.slice(turn * 3, turn * 3 + 3)
    const path = paths[turn] ?? expected
    const source = sources[index]
    turn += 1
    if (source !== undefined) {
      const format = source.format === null ? {} : { format: source.format }
      found.set(keyOf(own), { source: source.name, ...format, path, position: { line, column } })
    }
    for (const child of childrenOf(node)) restore(child, [...own, child.step], [...path, child.step])
  }
  restore({ field: configField, step: '', value: config }, [], [])
  return found
}

const keyOf = (path: ConfigPath): string => path.join('\n')

const isSame = (one: ConfigPath, other: ConfigPath): boolean =>
  one.length === other.length && one.every((step, index) => step === other[index])

interface Node {
  readonly field: Field
  readonly step: string | number
  readonly value: unknown
}

/** What is said within a value, in the order of the table and of the lists. */
function childrenOf({ field, value }: Node): readonly Node[] {
  switch (field.kind) {
    case 'list':
      return (value as readonly unknown[]).map((item, index) => ({
        field: field.item,
        step: index,
        value: item,
      }))
    case 'object':
      return Object.entries(field.fields).flatMap(([step, inner]) => {
        const member = (value as Readonly<Record<string, unknown>>)[step]
        return saysSomething(inner, member) ? [{ field: inner, step, value: member }] : []
      })
    case 'string':
    case 'integer':
    case 'boolean':
      return []
  }
}

const countOf = (node: Node): number => childrenOf(node).reduce((total, child) => total + countOf(child), 1)
