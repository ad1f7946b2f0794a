/** Numbers that each node takes on the tape. */
export const nodeSize = 3

/** Collects nodes of three numbers in memory that grows. */
export class TapeWriter {
  #nodes: Int32Array
  #used = 0

  constructor(nodesExpected: number) {
    this.#nodes = new Int32Array(Math.max(16, nodesExpected) * nodeSize)
  }

  /** Index of the node that is written next. */
  get next(): number {
    return this.#used
  }

  push(kind: number, start: number, end: number): void {
    const used = this.#used
    if (used + nodeSize > this.#nodes.length) this.#grow()
    this.#nodes[used] = kind
    this.#nodes[used + 1] = start
    this.#nodes[used + 2] = end
    this.#used = used + nodeSize
  }

  kindOf(node: number): number {
    return this.#nodes[node] as number
  }

  /** Says that everything in a container is written. */
  close(node: number): void {
    this.#nodes[node + 2] = this.#used
  }

  finish(): Int32Array {
    return this.#nodes.subarray(0, this.#used)
  }

  #grow(): void {
    const nodes = new Int32Array(this.#nodes.length * 2)
    nodes.set(this.#nodes)
    this.#nodes = nodes
  }
}
