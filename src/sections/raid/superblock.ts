/** What the superblock of one device says of its array: mdadm(8), `--examine`. */
export interface Superblock {
  readonly node: string
  readonly uuid: string
  /** `HOMEHOST:NAME`, with the home host that the array was made for. */
  readonly name: string
  readonly level: string
  readonly activeCount: number
  /** Its slot among the active devices, from 0; undefined for a spare, and for formats that mdadm shows otherwise. */
  readonly slot: number | undefined
  /** A letter for each slot as this device saw it last: `A` active, `R` being replaced, `.` missing. */
  readonly seen: string
}

/** Reads what mdadm prints with `--export`, and without. */
export function parseSuperblock(node: string, exported: string, examined: string): Superblock {
  const words = parseExport(exported)
  const [, slot] = /^ *Device Role : Active device (\d+)$/m.exec(examined) ?? []
  const [, seen = ''] = /^ *Array State : ([AR.]+) /m.exec(examined) ?? []
  return {
    node,
    uuid: words.get('MD_UUID') ?? '',
    name: words.get('MD_NAME') ?? '',
    level: words.get('MD_LEVEL') ?? '',
    activeCount: Number(words.get('MD_DEVICES')),
    slot: slot === undefined ? undefined : Number(slot),
    seen,
  }
}

/** Lines of `KEY=VALUE`. */
export function parseExport(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const equals = line.indexOf('=')
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1).trim()]]
    }),
  )
}

/** Whether a device has known another as active until it was written last: then it has nothing that the other lacks. */
const knows = ({ seen }: Superblock, { slot }: Superblock) =>
  slot === undefined || seen === '' || 'AR'.includes(seen[slot] ?? '.')

/** Two devices that have each been written to without the other: neither may be brought to the other's state. */
export function dividedPair(superblocks: readonly Superblock[]): readonly [string, string] | undefined {
  for (const [index, one] of superblocks.entries())
    for (const other of superblocks.slice(index + 1))
      if (!knows(one, other) && !knows(other, one)) return [one.node, other.node]
  return undefined
}

/**
 * Those of the devices which an array runs without, and which may be written over with what it holds: they have never
 * been in use without one of the devices that run.
 */
export function followers(superblocks: readonly Superblock[], running: readonly string[]): readonly string[] {
  const [inside, outside] = [true, false].map((isInside) =>
    superblocks.filter(({ node }) => running.includes(node) === isInside),
  ) as [Superblock[], Superblock[]]
  return outside
    .filter((one) => one.seen !== '' && inside.every((other) => knows(one, other)))
    .map(({ node }) => node)
}
