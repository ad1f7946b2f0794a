import { Secret } from '../secret.ts'
import {
  itemsOf,
  kindName,
  kindOf,
  literalAt,
  nextNode,
  nodeKind,
  offsetBehind,
  stringAt,
  type Tape,
} from './json/tape.ts'
import { nodeSize } from './json/tape-writer.ts'
import { pathTo } from './locate.ts'
import { type Shape, type Slot, type Struct, slotAt, slotFor } from './prune.ts'
import { formatPath } from './report.ts'

type ObjectSlot = Extract<Slot, { kind: 'object' }>
type ListSlot = Extract<Slot, { kind: 'list' }>

/** A value that cannot stand where it stands; `offset` is behind it. */
interface TypeFault {
  readonly offset: number
  readonly message: string
}

/** What decoding gives; `odd` says that some key has no effect or some object is null. */
export interface Decoded {
  readonly value: Struct
  readonly fault: TypeFault | undefined
  readonly odd: boolean
}

interface Decoder {
  readonly tape: Tape
  fault: TypeFault | undefined
  odd: boolean
}

/** Items that a shorter repetition of a list left behind: a longer one finds them again. */
const leftBehind = new WeakMap<readonly unknown[], readonly unknown[]>()

/**
 * Decodes a document as Go's encoding/json does: keys in any case, a repeated key goes over what is there, the first
 * wrong type is reported.
 */
export function decode(tape: Tape, slot: ObjectSlot): Decoded {
  const decoder: Decoder = { tape, fault: undefined, odd: false }
  const value = decodeObject(decoder, slot, { node: 0, before: slot.initial })
  return { value: value as Struct, fault: decoder.fault, odd: decoder.odd }
}

interface Place {
  readonly node: number
  /** The value that an earlier key or the zero value left there. */
  readonly before: unknown
}

function decodeValue(decoder: Decoder, slot: Slot, place: Place): unknown {
  switch (slot.kind) {
    case 'object':
      return decodeObject(decoder, slot, place)
    case 'list':
      return decodeList(decoder, slot, place)
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret':
      return decodeScalar(decoder, slot, place)
  }
}

function decodeObject(decoder: Decoder, slot: ObjectSlot, { node, before }: Place): unknown {
  const kind = kindOf(decoder.tape, node)
  if (kind === nodeKind.null) {
    decoder.odd = true
    return slot.nullable ? slot.initial : before
  }
  if (kind !== nodeKind.object) return wrongType(decoder, { node, before }, 'an object')
  const target = before === slot.initial ? { ...slot.shape.empty } : (before as Struct)
  decodeMembers(decoder, slot.shape, { node, target })
  return target
}

function decodeMembers(
  decoder: Decoder,
  shape: Shape,
  { node, target }: { node: number; target: Struct },
): void {
  const { tape } = decoder
  const end = nextNode(tape, node)
  let key = node + nodeSize
  while (key < end) {
    const value = key + nodeSize
    let slot = slotAt(shape, tape.source.text, tape.nodes[key + 1] as number, tape.nodes[key + 2] as number)
    if (slot === undefined) {
      decoder.odd = true
      slot = slotFor(shape, stringAt(tape, key))
    }
    if (slot !== undefined) {
      target[slot.name] = decodeValue(decoder, slot, { node: value, before: target[slot.name] })
    }
    key = nextNode(tape, value)
  }
}

function decodeList(decoder: Decoder, slot: ListSlot, { node, before }: Place): unknown {
  const kind = kindOf(decoder.tape, node)
  if (kind === nodeKind.null) return slot.initial
  if (kind !== nodeKind.array) return wrongType(decoder, { node, before }, 'a list')
  const known = leftBehind.get(before as unknown[]) ?? (before as readonly unknown[])
  const items = itemsOf(decoder.tape, node).map((item, index) =>
    decodeValue(decoder, slot.item, {
      node: item,
      before: index < known.length ? known[index] : slot.item.initial,
    }),
  )
  if (items.length === 0) return slot.initial
  if (known.length > items.length) leftBehind.set(items, [...items, ...known.slice(items.length)])
  return items
}

function decodeScalar(decoder: Decoder, slot: Exclude<Slot, ObjectSlot | ListSlot>, place: Place): unknown {
  const { tape } = decoder
  const kind = kindOf(tape, place.node)
  if (kind === nodeKind.null) return slot.always ? place.before : undefined
  switch (slot.kind) {
    case 'string':
    case 'secret': {
      if (kind !== nodeKind.string && kind !== nodeKind.escapedString)
        return wrongType(decoder, place, 'a string')
      const text = stringAt(tape, place.node)
      return slot.kind === 'secret' ? new Secret(text) : text
    }
    case 'boolean':
      if (kind === nodeKind.true || kind === nodeKind.false) return kind === nodeKind.true
      return wrongType(decoder, place, 'true or false')
    case 'integer': {
      const value = kind === nodeKind.integer ? parseInt64(literalAt(tape, place.node)) : undefined
      return value ?? wrongType(decoder, place, `a whole number of 64 bits${decimalHint(tape, place.node)}`)
    }
  }
}

/** A number where it is exact, otherwise a bigint; undefined when 64 bits do not hold it. */
function parseInt64(literal: string): number | bigint | undefined {
  if (literal.length < 16) return Number(literal) + 0
  // Longer ones cannot be 64 bits, and reading them takes its time.
  if (literal.length > 20) return undefined
  const value = BigInt(literal)
  if (BigInt.asIntN(64, value) !== value) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function wrongType(decoder: Decoder, { node, before }: Place, wanted: string): unknown {
  const { tape } = decoder
  decoder.fault ??= {
    offset: offsetBehind(tape, node),
    message: `${formatPath(pathTo(tape, node))} is ${kindName(tape, node)}, but ${wanted} is needed`,
  }
  return before
}

/** Modes are known in octal; JSON has only decimal numbers. */
function decimalHint(tape: Tape, node: number): string {
  const text = kindOf(tape, node) === nodeKind.string ? stringAt(tape, node) : ''
  return /^0[0-7]{3,4}$/.test(text) ? ` (octal ${text} is written ${Number.parseInt(text, 8)})` : ''
}
