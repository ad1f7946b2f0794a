import { itemsOf, kindOf, membersOf, nodeKind, offsetOf, type Tape } from './json/tape.ts'
import { type Slot, type Struct, slotFor } from './prune.ts'
import type { ConfigPath } from './report.ts'

type ObjectSlot = Extract<Slot, { kind: 'object' }>

/** A key without effect, or an object that is null; `offset` is where it stands. */
export interface Unused {
  readonly rule: 'UNUSED' | 'CTX-MISMATCH'
  readonly path: ConfigPath
  readonly offset: number
  readonly message: string | undefined
}

interface Pair {
  readonly node: number
  readonly value: Struct
  readonly path: ConfigPath
}

/** Compares a document with the shape that its version has; only keys in their own spelling are followed. */
export function findUnused(tape: Tape, slot: ObjectSlot, value: Struct): readonly Unused[] {
  const found: Unused[] = []
  compareObject({ tape, found }, slot, { node: 0, value, path: [] })
  return found
}

interface Search {
  readonly tape: Tape
  readonly found: Unused[]
}

function compareObject(search: Search, slot: ObjectSlot, { node, value, path }: Pair): void {
  const { tape, found } = search
  if (kindOf(tape, node) !== nodeKind.object) {
    const silent = slot.nullable && value === slot.initial
    if (!silent) found.push({ rule: 'CTX-MISMATCH', path, offset: offsetOf(tape, node), message: undefined })
    return
  }
  const members = membersOf(tape, node)
  for (const [name, member] of members) {
    if (slot.shape.slots.has(name)) continue
    const meant = slotFor(slot.shape, name)?.name
    const message = meant === undefined ? undefined : `this key counts as "${meant}": write it so`
    found.push({ rule: 'UNUSED', path: [...path, name], offset: offsetOf(tape, member.key), message })
  }
  for (const [name, inner] of slot.shape.slots) {
    const member = members.get(name)
    if (member === undefined) continue
    const pair = { node: member.value, path: [...path, name] }
    if (inner.kind === 'object') compareObject(search, inner, { ...pair, value: value[name] as Struct })
    if (inner.kind === 'list') compareItems(search, inner.item, { ...pair, items: value[name] as Struct[] })
  }
}

function compareItems(
  search: Search,
  slot: Slot,
  { node, items, path }: { node: number; items: readonly Struct[]; path: ConfigPath },
): void {
  if (slot.kind !== 'object' || kindOf(search.tape, node) !== nodeKind.array) return
  for (const [index, item] of itemsOf(search.tape, node).entries()) {
    const value = items[index]
    if (value !== undefined) compareObject(search, slot, { node: item, value, path: [...path, index] })
  }
}
