import {
  isText,
  itemsOf,
  kindOf,
  membersOf,
  nextNode,
  nodeKind,
  offsetOf,
  stringAt,
  type Tape,
} from './json/tape.ts'
import { nodeSize } from './json/tape-writer.ts'
import type { Locator } from './json/text.ts'
import type { TextMap, TextNode } from './place.ts'
import type { ConfigPath } from './report.ts'

/** Offset of the value at a path, or of the nearest thing around it that is there. */
export function createPathFinder(tape: Tape): (path: ConfigPath) => number {
  const known = new Map<number, Map<string, { value: number }> | number[]>()
  const children = (node: number) => {
    let found = known.get(node)
    if (found === undefined) {
      found = kindOf(tape, node) === nodeKind.object ? membersOf(tape, node) : itemsOf(tape, node)
      known.set(node, found)
    }
    return found
  }
  return (path) => {
    let node = 0
    for (const step of path) {
      if (kindOf(tape, node) < nodeKind.object) break
      const inner = children(node)
      const next = inner instanceof Map ? inner.get(String(step))?.value : inner[Number(step)]
      if (next === undefined) break
      node = next
    }
    return offsetOf(tape, node)
  }
}

/** The way to a node, in the words of the document. */
export function pathTo(tape: Tape, target: number): ConfigPath {
  const path: (string | number)[] = []
  let node = 0
  while (node !== target) {
    const isObject = kindOf(tape, node) === nodeKind.object
    const children = itemsOf(tape, node)
    // Of an object's members every second node is a key; the value behind it may hold the target.
    const index = children.findLastIndex((child, at) => child <= target && (!isObject || at % 2 === 1))
    const child = children[index]
    if (child === undefined) break
    path.push(isObject ? stringAt(tape, child - nodeSize) : index)
    node = child
  }
  return path
}

/** The values of a document where they stand, from the root; they are looked for step by step. */
export function jsonNodes(tape: Tape, locate: Locator): TextMap {
  const items = new Map<number, readonly number[]>()
  const childOf = (node: number, step: string | number): number | undefined => {
    if (kindOf(tape, node) === nodeKind.object) return memberAt(tape, node, String(step))
    if (kindOf(tape, node) !== nodeKind.array) return undefined
    const known = items.get(node) ?? itemsOf(tape, node)
    items.set(node, known)
    return known[Number(step)]
  }
  return {
    format: 'json',
    start(source) {
      const at = (node: number, way: Way | undefined): TextNode => {
        const self: TextNode = {
          source,
          format: 'json',
          position: () => locate(offsetOf(tape, node)),
          path: () => pathOf(way),
          child(step) {
            const inner = childOf(node, step)
            return inner === undefined ? self : at(inner, { before: way, from: self, step })
          },
          follows: (parent, step) => way?.from === parent && way.step === step,
        }
        return self
      }
      return at(0, undefined)
    },
  }
}

/** How a node was come to. */
interface Way {
  readonly before: Way | undefined
  readonly from: TextNode
  readonly step: string | number
}

function pathOf(way: Way | undefined): ConfigPath {
  const path: (string | number)[] = []
  for (let each = way; each !== undefined; each = each.before) path.push(each.step)
  return path.reverse()
}

/** The value of a member: the last of its name, in any case when there is none in the right one. */
function memberAt(tape: Tape, object: number, name: string): number | undefined {
  let found: number | undefined
  let similar: number | undefined
  const end = nextNode(tape, object)
  for (let key = object + nodeSize; key < end; key = nextNode(tape, key + nodeSize)) {
    if (isText(tape, key, name)) found = key + nodeSize
    else if (found === undefined && stringAt(tape, key).toLowerCase() === name.toLowerCase())
      similar = key + nodeSize
  }
  return found ?? similar
}
