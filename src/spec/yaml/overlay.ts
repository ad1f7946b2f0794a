import { configField } from '../config.ts'
import type { Field, ListField } from '../field.ts'
import type { Branch, Row, Tree } from './tree.ts'

/** Lays a config over what sugar made, by the rules of merging configs; sugar that is left stays as it is. */
export const overlay = (under: Branch, over: Branch): Branch => overlayBranch(under, over, configField)

function overlayBranch(under: Branch, over: Branch, field: Field): Branch {
  const members = new Map(under.members)
  for (const [name, tree] of over.members) {
    const inner = field.kind === 'object' ? field.fields[name] : undefined
    const below = members.get(name)
    members.set(name, below === undefined || inner === undefined ? tree : overlayTree(below, tree, inner))
  }
  return { kind: 'branch', members, from: over.from }
}

function overlayTree(under: Tree, over: Tree, field: Field): Tree {
  if (under.kind === 'branch' && over.kind === 'branch') return overlayBranch(under, over, field)
  if (under.kind === 'row' && over.kind === 'row' && field.kind === 'list')
    return overlayRow(under, over, field)
  return over
}

function overlayRow(under: Row, over: Row, field: ListField): Row {
  const { identity } = field
  if (identity.kind === 'append') return { ...over, items: [...under.items, ...over.items] }
  const keyOf = (tree: Tree) => identity.key(plainItem(tree, field.item))
  const overByKey = new Map(over.items.map((item) => [keyOf(item), item]))
  const underKeys = new Set(under.items.map(keyOf))
  const merged = under.items.map((item) => {
    const match = overByKey.get(keyOf(item))
    return match === undefined ? item : overlayTree(item, match, field.item)
  })
  return { ...over, items: [...merged, ...over.items.filter((item) => !underKeys.has(keyOf(item)))] }
}

/** The scalars of an item, as identities look at them. */
function plainItem(tree: Tree, field: Field): unknown {
  if (tree.kind === 'leaf') return tree.value
  if (tree.kind === 'row' || field.kind !== 'object') return undefined
  return Object.fromEntries(
    Object.entries(field.fields).map(([name, member]) => {
      const inner = tree.members.get(name)
      const zero = member.kind === 'integer' && member.always ? 0 : undefined
      return [name, inner?.kind === 'leaf' ? inner.value : zero]
    }),
  )
}
