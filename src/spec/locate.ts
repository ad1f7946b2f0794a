import { itemsOf, kindOf, membersOf, nodeKind, offsetOf, stringAt, type Tape } from './json/tape.ts'
import { nodeSize } from './json/tape-writer.ts'
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
