import { IgnitionError } from '../../src/errors.ts'
import type { EntryFacts } from '../../src/sections/files/decide.ts'
import { entriesOf } from '../../src/sections/files/entry.ts'
import { planEntries } from '../../src/sections/files/plan.ts'
import type { Config } from '../../src/spec/config.ts'
import type { NodeStat, NodeType } from '../../src/system/system.ts'
import { configOf, type Sketch } from './config-of.ts'

export type Storage = Sketch<Config['storage']>

/** A node as lstat sees it. */
export const node = (type: NodeType, rest: Partial<NodeStat> = {}): NodeStat => ({
  type,
  mode: type === 'directory' ? 0o755 : 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  device: 1n,
  inode: 1n,
  ...rest,
})

export const nobodySays = { uid: undefined, gid: undefined, mode: undefined }

/** Facts for entries; what is not given is not there. */
export const facts = (
  storage: Storage,
  given: Readonly<Record<string, Partial<EntryFacts>>> = {},
): readonly EntryFacts[] =>
  entriesOf(configOf({ storage }).storage).map((entry) => ({
    entry,
    target: `/sysroot${entry.node.path}`,
    existing: undefined,
    shared:
      entry.kind === 'hardLink' ? { target: `/sysroot${entry.node.target}`, existing: undefined } : undefined,
    attributes: nobodySays,
    ...given[entry.node.path],
  }))

/** The error that planning ends with. */
export function errorOf(observed: readonly EntryFacts[]): { code: string; message: string } {
  try {
    planEntries(observed)
  } catch (error) {
    if (error instanceof IgnitionError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('it was planned')
}
