import { configField } from './config.ts'
import type { Field, ObjectField } from './field.ts'
import { type Cursor, descend, type Origin, type Sourced, saysSomething, startAt, textAt } from './origin.ts'
import type { TextFormat, TextNode } from './place.ts'
import type { ConfigPath } from './report.ts'

/** Where every value of a config comes from, as plain data: a later stage has the config, but not the texts. */
export interface KeptPlaces {
  readonly shape: typeof shape
  readonly sources: readonly { readonly name: string; readonly format: TextFormat | null }[]
  readonly root: KeptPlace
}

/** Version of the shape. */
const shape = 1

/**
 * Index of the source (-1 for what nobody wrote), line and column; what is inside; and the path in the text, where that
 * is not the parent's path and the own name.
 */
type KeptPlace = [source: number, line: number, column: number, inside?: Inside, path?: ConfigPath]

type Inside = KeptPlace[] | Record<string, KeptPlace> | null

/** The places of a config's values. */
export function keepPlaces(sourced: Sourced): KeptPlaces {
  const sources = new Map<string, { readonly index: number; readonly format: TextFormat | null }>()
  const indexOf = ({ source, format }: TextNode): number => {
    const known = sources.get(source) ?? { index: sources.size, format: format ?? null }
    sources.set(source, known)
    return known.index
  }
  const keep = (node: Node, cursor: Cursor, above: Above): KeptPlace => {
    const text = textAt(cursor)
    const position = text?.position()
    const kept: KeptPlace = text && position ? [indexOf(text), position.line, position.column] : [-1, 0, 0]
    const children = childrenOf(node)
    if (children.length > 0) kept[3] = keepInside(node, children, cursor)
    if (text && position && !isExpected(text, above, node.step)) {
      kept[3] ??= null
      kept[4] = text.path()
    }
    return kept
  }
  const keepInside = ({ field }: Node, children: readonly Node[], cursor: Cursor): Inside => {
    const above = { text: textAt(cursor) }
    const inside: Record<string, KeptPlace> = {}
    const items: KeptPlace[] = []
    for (const child of children) {
      const kept = keep(child, descend(cursor, { field, step: child.step, value: child.value }), above)
      if (field.kind === 'list') items.push(kept)
      else inside[child.step] = kept
    }
    return field.kind === 'list' ? items : inside
  }
  const root = keep({ field: configField, step: '', value: sourced.config }, startAt(sourced), nothing)
  return { shape, sources: [...sources].map(([name, { format }]) => ({ name, format })), root }
}

interface Above {
  readonly text: TextNode | undefined
}

const nothing: Above = { text: undefined }

function isExpected(text: TextNode, above: Above, step: string | number): boolean {
  if (above.text && text.follows(above.text, step)) return true
  const path = text.path()
  const expected = above === nothing ? [] : [...(above.text?.path() ?? []), step]
  return path.length === expected.length && path.every((each, index) => each === expected[index])
}

/** The origin of a config whose places were kept; undefined when they are of another shape. */
export function restorePlaces(kept: KeptPlaces): Origin | undefined {
  if (kept.shape !== shape || !Array.isArray(kept.root) || !Array.isArray(kept.sources)) return undefined
  const at = (node: KeptPlace, path: ConfigPath): TextNode => {
    const [index, line, column, inside] = node
    const source = kept.sources[index]
    const own = node[4] ?? path
    const self: TextNode = {
      source: source?.name ?? '',
      format: source?.format ?? undefined,
      position: () => source && { line, column },
      path: () => own,
      child(step) {
        const inner = (inside as Readonly<Record<string | number, KeptPlace>> | null | undefined)?.[step]
        return inner === undefined ? self : at(inner, [...own, step])
      },
      follows: () => false,
    }
    return self
  }
  return { kind: 'text', start: () => at(kept.root, []) }
}

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
      return membersOf(field, value as Readonly<Record<string, unknown>>)
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret':
      return []
  }
}

function membersOf({ fields }: ObjectField, value: Readonly<Record<string, unknown>>): readonly Node[] {
  const members: Node[] = []
  for (const step in fields) {
    const field = fields[step] as Field
    if (saysSomething(field, value[step])) members.push({ field, step, value: value[step] })
  }
  return members
}
