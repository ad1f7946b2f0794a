import { IgnitionError } from '../../errors.ts'
import type { ConfigResource } from '../../spec/config.ts'
import { cleanPath } from '../../spec/rules/paths.ts'
import type { NodeStat } from '../../system/system.ts'
import { type Entry, nameOf } from './entry.ts'

/** Ids and permission bits as the config asks for them; undefined is left as it is. */
export interface Attributes {
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly mode: number | undefined
}

/** Permission bits of a file for which the config names none. */
export const newFileMode = 0o644

/** `begun`: a file that is ours, to be written again. `ended`: kept as it is. */
export type EarlierFile =
  | { readonly kind: 'none' | 'begun' | 'ended' }
  /** `baseBytes`: length before that; undefined when what there was has changed since. */
  | { readonly kind: 'appending'; readonly baseBytes: number | undefined }

/** What there is at the place that an entry leads to. */
export interface EntryFacts {
  readonly entry: Entry
  /** Absolute path on the machine, after all symbolic links on the way. */
  readonly target: string
  readonly existing: NodeStat | undefined
  /** Text of an existing symbolic link. */
  readonly linkText?: string | undefined
  /** Whether an existing file holds just what it is to hold, as far as that can be told without a fetch. */
  readonly holdsContents?: boolean
  /** What earlier runs have done to a file or hard link, by the journal of steps. Default: nothing. */
  readonly earlier?: EarlierFile | undefined
  /** A filesystem that is mounted in the tree that is to be overwritten. */
  readonly mountedBelow?: string | undefined
  /** What a hard link is to share: its path on the machine and what is there. */
  readonly shared?: { readonly target: string; readonly existing: NodeStat | undefined } | undefined
  readonly attributes: Attributes
}

interface Change {
  readonly entry: Entry
  readonly target: string
  /** What is at the target is removed first. A file replaces another file in one go and needs no removal. */
  readonly clear: boolean
  readonly attributes: Attributes
}

export type FilesStep =
  | (Change & { readonly kind: 'makeDirectory' })
  | (Change & {
      readonly kind: 'writeFile'
      /** One after the other, the whole file. */
      readonly parts: readonly ConfigResource[]
      /** Nobody else's file goes for it. */
      readonly isNew: boolean
    })
  | (Change & {
      readonly kind: 'appendToFile'
      readonly parts: readonly ConfigResource[]
      readonly existing: NodeStat
      /** Bytes of the file that stay: what an earlier run has appended is cut off. */
      readonly from: number
    })
  | (Change & { readonly kind: 'setAttributes'; readonly existing: NodeStat })
  | (Change & { readonly kind: 'makeSymlink'; readonly text: string })
  | (Change & {
      readonly kind: 'makeHardLink'
      /** Path in the config of the node that gets a second name. */
      readonly shared: string
      /** Nobody else's node goes for it. */
      readonly isNew: boolean
    })

/** The step for one entry; undefined when everything is as asked for. Throws where the config and the machine clash. */
export function planEntry(facts: EntryFacts): FilesStep | undefined {
  const { entry } = facts
  if (entry.node.overwrite === true && facts.existing && facts.mountedBelow !== undefined)
    throw clash(
      facts,
      `the filesystem mounted at ${JSON.stringify(facts.mountedBelow)} is in what it would overwrite`,
    )
  switch (entry.kind) {
    case 'directory':
      return planDirectory(entry, facts)
    case 'file':
      return planFile(entry, facts)
    case 'symlink':
      return planSymlink(entry, facts)
    case 'hardLink':
      return planHardLink(entry, facts)
  }
}

function planDirectory(entry: Entry & { kind: 'directory' }, facts: EntryFacts): FilesStep | undefined {
  const { target, existing, attributes } = facts
  if (!existing || entry.node.overwrite === true)
    return { kind: 'makeDirectory', entry, target, clear: existing !== undefined, attributes }
  if (existing.type !== 'directory') throw alreadyThere(facts, existing)
  return planAttributes(facts, existing)
}

function planFile(entry: Entry & { kind: 'file' }, facts: EntryFacts): FilesStep | undefined {
  const { target, existing, attributes, earlier = { kind: 'none' } } = facts
  const { contents, append, overwrite } = entry.node
  const parts = contents.source === undefined ? append : [contents, ...append]
  if (existing && facts.holdsContents === true && isLikeNew(existing, attributes)) return undefined
  const isOurs = existing?.type === 'file' && earlier.kind === 'begun'
  if (!existing || overwrite === true || isOurs)
    return {
      kind: 'writeFile',
      entry,
      target,
      clear: existing !== undefined && existing.type !== 'file',
      parts,
      attributes,
      isNew: existing === undefined || isOurs,
    }
  if (existing.type === 'file' && earlier.kind === 'ended') return planAttributes(facts, existing)
  if (contents.source !== undefined || existing.type !== 'file') throw alreadyThere(facts, existing)
  if (append.length === 0) return planAttributes(facts, existing)
  const isBegun = earlier.kind === 'appending'
  const from = isBegun ? earlier.baseBytes : existing.size
  if (from === undefined)
    throw clash(
      facts,
      'an earlier run was cut off while it appended, and the text before that is another now',
    )
  return { kind: 'appendToFile', entry, target, clear: false, parts: append, attributes, existing, from }
}

function planSymlink(entry: Entry & { kind: 'symlink' }, facts: EntryFacts): FilesStep | undefined {
  const { target, existing, attributes } = facts
  const text = entry.node.target ?? ''
  const overwrite = entry.node.overwrite === true
  const same = existing?.type === 'symlink' && cleanPath(facts.linkText ?? '') === cleanPath(text)
  if (same && (!overwrite || (facts.linkText === text && hasOwner(existing, attributes)))) return undefined
  if (existing && !overwrite) throw alreadyThere(facts, existing)
  return { kind: 'makeSymlink', entry, target, clear: existing !== undefined, text, attributes }
}

function planHardLink(entry: Entry & { kind: 'hardLink' }, facts: EntryFacts): FilesStep | undefined {
  const { target, existing, shared, attributes } = facts
  if (!shared) return undefined
  if (existing && shared.existing && isSameNode(existing, shared.existing)) return undefined
  // what it shared was written again
  const isOurs = existing?.type === 'file' && facts.earlier?.kind === 'begun'
  if (existing && entry.node.overwrite !== true && !isOurs) throw alreadyThere(facts, existing)
  return {
    kind: 'makeHardLink',
    entry,
    target,
    clear: existing !== undefined,
    shared: entry.node.target ?? '',
    attributes,
    isNew: existing === undefined || isOurs,
  }
}

function planAttributes(facts: EntryFacts, existing: NodeStat): FilesStep | undefined {
  const { entry, target, attributes } = facts
  const { uid = existing.uid, gid = existing.gid, mode = existing.mode } = attributes
  if (uid === existing.uid && gid === existing.gid && mode === existing.mode) return undefined
  return { kind: 'setAttributes', entry, target, clear: false, attributes, existing }
}

const isLikeNew = (existing: NodeStat, attributes: Attributes) =>
  hasOwner(existing, attributes) && existing.mode === (attributes.mode ?? newFileMode)

const hasOwner = (existing: NodeStat, { uid = 0, gid = 0 }: Attributes) =>
  existing.uid === uid && existing.gid === gid

const isSameNode = (one: NodeStat, other: NodeStat) =>
  one.device === other.device && one.inode === other.inode

const articles = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symbolic link',
  block: 'a block device',
  character: 'a character device',
  fifo: 'a pipe',
  socket: 'a socket',
} as const

function alreadyThere(facts: EntryFacts, { type }: NodeStat): IgnitionError {
  const other =
    type === 'symlink' && facts.entry.kind === 'symlink' ? 'another symbolic link' : articles[type]
  return clash(facts, `${other} is there already and overwrite is false`, 'FL_FILE_EXISTS')
}

function clash(
  { entry, target }: EntryFacts,
  reason: string,
  code: 'FL_FILE' | 'FL_FILE_EXISTS' = 'FL_FILE',
) {
  return new IgnitionError({
    code,
    about: { part: entry.node },
    message: `cannot create ${nameOf(entry)} at ${JSON.stringify(target)}: ${reason}`,
  })
}
