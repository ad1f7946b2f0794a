import type { Source } from '../../src/platforms/source.ts'

/** A source that is not made of others. */
export type Leaf = Exclude<Source, { readonly kind: 'race' | 'first' | 'architectures' }>

/** The sources that a source is made of. */
export function leavesOf(source: Source | undefined): readonly Leaf[] {
  if (source === undefined) return []
  switch (source.kind) {
    case 'race':
    case 'first':
      return source.sources.flatMap(leavesOf)
    case 'architectures':
      return [...Object.values(source.named), source.others].flatMap(leavesOf)
    default:
      return [source]
  }
}
