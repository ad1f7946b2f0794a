/** Blocks the whole process, for a writer that must not lose a line and has to wait for its reader. */
export function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
