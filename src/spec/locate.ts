import { itemsOf, kindOf, membersOf, nodeKind, offsetOf, type Tape } from './json/tape.ts'
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
