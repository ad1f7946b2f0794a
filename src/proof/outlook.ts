import { normalize } from 'node:path/posix'
import type { Extent } from '../block/signatures-at.ts'
import { nodeOf } from '../block/wait.ts'
import type { Files } from '../system/system.ts'

/** What a path of the config will lead to when its turn comes. */
export type Prospect =
  /** What is there now: nothing before it changes that. */
  | { readonly kind: 'there' }
  /** Bytes of a disk that are to become a partition. */
  | ({ readonly kind: 'extent' } & Extent)
  /** Something new, with nothing on it that counts. */
  | { readonly kind: 'made' }
  /** Something with contents that show only then. */
  | { readonly kind: 'hidden'; readonly reason: string }
  /** Nothing: the config itself takes it away. */
  | { readonly kind: 'gone' }
  /** Nothing that is known of. */
  | { readonly kind: 'unseen' }

/** The devices of the machine as they will be, as far as the stages before tell. */
export interface Outlook {
  of(path: string): Prospect
  expect(path: string, prospect: Prospect): void
  /** Whether a path that leads to nothing now can only be wrong: then waiting for it shows that. */
  isWrong(path: string): boolean
}

/** Names of disks and partitions, which the kernel and the tables give. */
const ofPartition = /^\/dev\/(?:(?:sd|vd|xvd|hd|nvme|mmcblk|loop)[^/]*|disk\/by-partlabel\/.+)$/

/** Names of volumes and arrays, which may be found and started wherever there is one. */
const ofVolume = /^\/dev\/(?:mapper|md)\/.+$/

export function createOutlook(files: Files): Outlook {
  const expected = new Map<string, Prospect>()
  const of = (path: string): Prospect => {
    const known = expected.get(normalize(path))
    if (known) return known
    if (files.stat(path)?.type !== 'block') return { kind: 'unseen' }
    return expected.get(nodeOf(files, path)) ?? { kind: 'there' }
  }
  return {
    of,
    expect: (path, prospect) => void expected.set(normalize(path), prospect),
    isWrong(path) {
      const kinds = new Set([...expected.values()].map(({ kind }) => kind))
      // what opens only then may bring partitions and volumes of its own
      if (kinds.has('hidden')) return false
      // and what a new partition uncovers may be a part of an old volume
      return ofPartition.test(path) || (ofVolume.test(path) && !kinds.has('extent'))
    },
  }
}
