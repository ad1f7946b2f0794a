import type { Field } from '../field.ts'
import type { ConfigPath } from '../report.ts'
import { snakeOf } from './shape.ts'

/** Where a value comes from in the YAML text: a way in its own keys, and an offset in UTF-16 units. */
export interface Origin {
  readonly path: ConfigPath
  readonly offset: number
}

/** A config in the names of the spec whose every value knows where it comes from. */
export type Tree = Leaf | Branch | Row

export interface Leaf {
  readonly kind: 'leaf'
  readonly value: string | number | bigint | boolean
  readonly from: Origin
}

export interface Branch {
  readonly kind: 'branch'
  readonly members: ReadonlyMap<string, Tree>
  readonly from: Origin
}

export interface Row {
  readonly kind: 'row'
  readonly items: readonly Tree[]
  readonly from: Origin
}

type Seed = string | number | bigint | boolean | undefined | Tree | readonly Seed[] | SeedObject

/** An object of the spec; what is undefined is left out. */
export interface SeedObject {
  readonly [name: string]: Seed
}

/** Makes a tree of what sugar stands for. */
export function grow(value: Exclude<Seed, SeedObject>, from: Origin): Tree
export function grow(value: SeedObject, from: Origin): Branch
export function grow(value: Seed, from: Origin): Tree {
  if (isTree(value)) return value
  if (isList(value)) return { kind: 'row', items: value.map((item) => growAny(item, from)), from }
  if (typeof value !== 'object') return { kind: 'leaf', value: value ?? '', from }
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [[name, growAny(member, from)] as const],
  )
  return { kind: 'branch', members: new Map(members), from }
}

const growAny = grow as (value: Seed, from: Origin) => Tree

const isList = (value: Seed): value is readonly Seed[] => Array.isArray(value)

const isTree = (value: Seed): value is Tree => typeof value === 'object' && 'from' in value && 'kind' in value

/** The tree at the end of a way of names; undefined when it ends before. */
export function at(tree: Tree | undefined, ...names: readonly string[]): Tree | undefined {
  let found = tree
  for (const name of names) found = found?.kind === 'branch' ? found.members.get(name) : undefined
  return found
}

/** Objects of the list at the end of a way of names. */
export function branchesAt(tree: Tree | undefined, ...names: readonly string[]): readonly Branch[] {
  const row = at(tree, ...names)
  return row?.kind === 'row' ? row.items.filter((item) => item.kind === 'branch') : []
}

/** The scalar at the end of a way of names. */
export function valueAt(tree: Tree | undefined, ...names: readonly string[]): Leaf['value'] | undefined {
  const leaf = at(tree, ...names)
  return leaf?.kind === 'leaf' ? leaf.value : undefined
}

/** The string at the end of a way of names. */
export function textAt(tree: Tree | undefined, ...names: readonly string[]): string | undefined {
  const value = valueAt(tree, ...names)
  return typeof value === 'string' ? value : undefined
}

/** A copy of a branch with other members; undefined takes one away. */
export function withMembers(branch: Branch, changes: { readonly [name: string]: Tree | undefined }): Branch {
  const members = new Map(branch.members)
  for (const [name, tree] of Object.entries(changes)) {
    if (tree === undefined) members.delete(name)
    else members.set(name, tree)
  }
  return { ...branch, members }
}

/** A copy in which the tree at the end of a way of names is another one; undefined leaves all as it is. */
export function replaceAt(
  branch: Branch,
  names: readonly string[],
  change: (tree: Tree) => Tree | undefined,
): Branch {
  const [name, ...rest] = names
  const member = name === undefined ? undefined : branch.members.get(name)
  if (name === undefined || member === undefined) return branch
  if (rest.length === 0) return withMembers(branch, { [name]: change(member) })
  if (member.kind === 'row') {
    const items = member.items.map((item) => (item.kind === 'branch' ? replaceAt(item, rest, change) : item))
    return withMembers(branch, { [name]: { ...member, items } })
  }
  return member.kind === 'branch' ? withMembers(branch, { [name]: replaceAt(member, rest, change) }) : branch
}

/** A copy in which each object of the list at the end of a way of names is another one. */
export const mapBranches = (
  branch: Branch,
  names: readonly string[],
  change: (item: Branch) => Branch,
): Branch =>
  replaceAt(branch, names, (tree) =>
    tree.kind === 'row'
      ? { ...tree, items: tree.items.map((item) => (item.kind === 'branch' ? change(item) : item)) }
      : tree,
  )

/** A copy with more items in the list `storage.<name>` or the like. */
export function addItems(
  branch: Branch,
  [outer, inner]: readonly [string, string],
  items: readonly Tree[],
): Branch {
  const [first] = items
  if (first === undefined) return branch
  const parent = branch.members.get(outer) ?? grow({}, first.from)
  if (parent.kind !== 'branch') return branch
  const list = parent.members.get(inner)
  const before = list?.kind === 'row' ? list.items : []
  const row: Row = { kind: 'row', items: [...before, ...items], from: list?.from ?? first.from }
  return withMembers(branch, { [outer]: withMembers(parent, { [inner]: row }) })
}

/** Where the value at a path of the spec comes from, or the nearest thing around it that is there. */
export function originOf(tree: Tree, path: ConfigPath): Origin {
  let node = tree
  for (const [depth, step] of path.entries()) {
    const inner =
      node.kind === 'branch'
        ? node.members.get(String(step))
        : node.kind === 'row'
          ? node.items[Number(step)]
          : undefined
    if (inner === undefined) {
      // what is missing in a part that the person wrote is named in full
      const written = node.from.path.length === depth
      const rest = path.slice(depth).map((name) => (typeof name === 'string' ? snakeOf(name) : name))
      return written ? { ...node.from, path: [...node.from.path, ...rest] } : node.from
    }
    node = inner
  }
  return node.from
}

/** Indented JSON, members in the order of the table. */
export function toJson(tree: Tree, field: Field, indent = ''): string {
  if (tree.kind === 'leaf')
    return typeof tree.value === 'string' ? JSON.stringify(tree.value) : String(tree.value)
  const parts = tree.kind === 'row' ? itemTexts(tree, field, indent) : memberTexts(tree, field, indent)
  const [open, close] = tree.kind === 'row' ? '[]' : '{}'
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

const step = '  '

const itemTexts = ({ items }: Row, field: Field, indent: string): string[] =>
  field.kind === 'list'
    ? items.map((item) => `${indent}${step}${toJson(item, field.item, indent + step)}`)
    : []

function memberTexts({ members }: Branch, field: Field, indent: string): string[] {
  const fields = field.kind === 'object' ? Object.entries(field.fields) : []
  return fields.flatMap(([name, inner]) => {
    const member = members.get(name)
    const text = member === undefined ? '' : toJson(member, inner, indent + step)
    // sugar may leave nothing behind
    return text === '' || text === '{}' || text === '[]' ? [] : [`${indent}${step}"${name}": ${text}`]
  })
}
