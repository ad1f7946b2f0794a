import { nodeSize } from './tape-writer.ts'
import type { SourceText } from './text.ts'

/** What a node of the tape is. */
export const nodeKind = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  /** A number with a fraction or an exponent. */
  decimal: 4,
  string: 5,
  /** A string with a backslash in it. */
  escapedString: 6,
  object: 7,
  array: 8,
} as const

/**
 * A JSON document as a row of nodes of three numbers: kind, offset of the first unit (for strings: behind the
 * quote), and the offset behind the last unit (strings: of the closing quote) or, for objects and arrays, the index
 * of the node that follows. Members of an object are a string and a value each.
 */
export interface Tape {
  readonly source: SourceText
  readonly nodes: Int32Array
  /** Whether some number is beyond what a double can hold. */
  readonly overflows: boolean
}

export const kindOf = (tape: Tape, node: number): number => tape.nodes[node] as number

const startOf = (tape: Tape, node: number): number => tape.nodes[node + 1] as number

/** Index of the node behind the one at `node` and everything in it. */
export function nextNode(tape: Tape, node: number): number {
  return isContainer(tape, node) ? (tape.nodes[node + 2] as number) : node + nodeSize
}

const isContainer = (tape: Tape, node: number): boolean => kindOf(tape, node) >= nodeKind.object

/** The value of a string node: each wrong byte and each half of a broken pair is U+FFFD. */
export function stringAt(tape: Tape, node: number): string {
  const { text, malformed } = tape.source
  const raw = text.slice(startOf(tape, node), tape.nodes[node + 2])
  const whole = malformed ? raw.toWellFormed() : raw
  if (kindOf(tape, node) === nodeKind.string) return whole
  return (JSON.parse(`"${whole}"`) as string).toWellFormed()
}

/** Whether a string node, written without escapes, is a text: a look that makes no string. */
export const isText = ({ nodes, source }: Tape, node: number, text: string): boolean =>
  (nodes[node + 2] as number) - (nodes[node + 1] as number) === text.length &&
  source.text.startsWith(text, nodes[node + 1])

/** The text of a number or word as it stands in the document. */
export const literalAt = (tape: Tape, node: number): string =>
  tape.source.text.slice(startOf(tape, node), tape.nodes[node + 2])

/** Where a value is said to be: its first unit, but behind the bracket of an object or list. */
export function offsetOf(tape: Tape, node: number): number {
  const start = startOf(tape, node)
  if (isContainer(tape, node)) return start + 1
  return isString(tape, node) ? start - 1 : start
}

/** Where a value of the wrong type is reported: behind it, for objects and lists behind the bracket. */
export function offsetBehind(tape: Tape, node: number): number {
  if (isContainer(tape, node)) return startOf(tape, node) + 1
  return (tape.nodes[node + 2] as number) + (isString(tape, node) ? 1 : 0)
}

const isString = (tape: Tape, node: number): boolean =>
  kindOf(tape, node) === nodeKind.string || kindOf(tape, node) === nodeKind.escapedString

/** Members by key; of equal keys the last one. */
export function membersOf(tape: Tape, object: number): Map<string, { key: number; value: number }> {
  const members = new Map<string, { key: number; value: number }>()
  const end = nextNode(tape, object)
  for (let key = object + nodeSize; key < end; key = nextNode(tape, key + nodeSize)) {
    members.set(stringAt(tape, key), { key, value: key + nodeSize })
  }
  return members
}

/** Nodes of the items of a list. */
export function itemsOf(tape: Tape, array: number): number[] {
  const items: number[] = []
  const end = nextNode(tape, array)
  for (let item = array + nodeSize; item < end; item = nextNode(tape, item)) items.push(item)
  return items
}

const kindNames = [
  'null',
  'a boolean',
  'a boolean',
  'a number',
  'a number',
  'a string',
  'a string',
  'an object',
  'a list',
]

/** The kind of a value, in words. */
export const kindName = (tape: Tape, node: number): string => kindNames[kindOf(tape, node)] ?? ''
