/**
 * Shares a length among pieces by their sizes, but gives each at least a minimum: a picture to scale as far as it can be
 * read. All in whole units; the sum is the length, or more when the minimums need it.
 */
export function layOut(sizes: readonly number[], length: number, minimum: number): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1
  const rest = length - sizes.length * minimum
  if (rest <= 0) return sizes.map(() => minimum)
  // what is small takes its minimum; what is left is shared by what the others would have beyond it
  const excess = sizes.map((size) => Math.max(0, (size / total) * length - minimum))
  const totalExcess = excess.reduce((sum, each) => sum + each, 0) || 1
  const widths = excess.map((each) => minimum + Math.floor((each / totalExcess) * rest))
  const largest = excess.indexOf(Math.max(...excess))
  const missing = length - widths.reduce((sum, width) => sum + width, 0)
  return widths.map((width, index) => (index === largest ? width + missing : width))
}
