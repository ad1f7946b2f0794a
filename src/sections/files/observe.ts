import { IgnitionError, inPart } from '../../errors.ts'
import { expectedHash } from '../../resources/verify.ts'
import { isSet } from '../../secret.ts'
import type { SectionContext } from '../../section.ts'
import type { ConfigFile } from '../../spec/config.ts'
import { parseDataUrl } from '../../spec/data-url.ts'
import { type MountPoint, mountPointsBelow, readMountTable } from '../../system/mount-table.ts'
import type { Files, NodeStat } from '../../system/system.ts'
import { fileFailure } from '../failure.ts'
import type { Attributes, EntryFacts } from './decide.ts'
import { digestOf, observeEarlier } from './earlier.ts'
import { type Entry, isRemote, nameOf } from './entry.ts'

/** Looks at the place that every entry leads to. */
export function observeEntries(context: SectionContext, entries: readonly Entry[]): readonly EntryFacts[] {
  const overwrites = entries.some(({ node }) => node.overwrite === true)
  const mounts = overwrites ? readMountTable(context.system.files) : []
  return entries.map((entry) => inPart({ part: entry.node }, () => observeEntry(context, entry, mounts)))
}

/** The facts for one entry as it is now. */
export function observeEntry(
  context: SectionContext,
  entry: Entry,
  mounts: readonly MountPoint[] = readMountTable(context.system.files),
): EntryFacts {
  const { sysroot, root, system } = context
  const { files } = system
  const path = root + entry.node.path
  try {
    const target = sysroot.resolve(entry.node.path)
    const existing = files.lstat(target)
    return {
      entry,
      target,
      existing,
      holdsContents: entry.kind === 'file' && holdsContents({ files, target, existing, node: entry.node }),
      earlier: observeEarlier(context, { entry, target, existing }),
      linkText: entry.kind === 'symlink' && existing?.type === 'symlink' ? files.readlink(target) : undefined,
      mountedBelow:
        entry.node.overwrite === true && existing?.type === 'directory'
          ? mountedIn({ files, mounts, tree: target, existing })
          : undefined,
      shared: entry.kind === 'hardLink' ? observeShared(context, entry.node.target ?? '') : undefined,
      attributes: attributesOf(context, entry),
    }
  } catch (cause) {
    throw fileFailure({ files, action: `create ${nameOf(entry)}`, path, cause })
  }
}

interface Comparison {
  readonly files: Files
  readonly target: string
  readonly existing: NodeStat | undefined
  readonly node: ConfigFile
}

/** Contents that are in the config itself are compared, others by their hash when the config names one. */
function holdsContents({ files, target, existing, node }: Comparison): boolean {
  const { contents, append } = node
  if (existing?.type !== 'file' || append.length > 0) return false
  const { source, compression, verification } = contents
  if (source === undefined) return false
  const expected = verification.hash ? expectedHash(contents, JSON.stringify(node.path)) : undefined
  if (expected) return digestOf(files, target, expected) === expected.hex
  if (isRemote(contents) || compression) return false
  const wanted = isSet(source) ? parseDataUrl(source.reveal()) : new Uint8Array()
  return wanted?.length === existing.size && Buffer.compare(files.read(target), wanted) === 0
}

function observeShared({ sysroot, system }: SectionContext, path: string) {
  const target = sysroot.resolve(path)
  return { target, existing: system.files.lstat(target) }
}

/** A hard link has the owner and the mode of what it shares. */
function attributesOf({ sysroot }: SectionContext, entry: Entry): Attributes {
  if (entry.kind === 'hardLink') return { uid: undefined, gid: undefined, mode: undefined }
  const ownerOf = (what: 'user' | 'group', lookUp: (name: string) => number | undefined) =>
    inPart({ part: entry.node, member: [what, entry.node[what].id === undefined ? 'name' : 'id'] }, () =>
      idOf(what, entry.node[what], lookUp),
    )
  const mode = 'mode' in entry.node ? entry.node.mode : undefined
  return {
    uid: ownerOf('user', (name) => sysroot.user(name)?.uid),
    gid: ownerOf('group', (name) => sysroot.group(name)?.gid),
    mode: mode === undefined ? undefined : Number(mode),
  }
}

interface Owner {
  readonly id?: number | bigint | undefined
  readonly name?: string | undefined
}

/** The largest id; one more stands for "leave it as it is" in chown(2). */
const largestId = 0xfffffffe

function idOf(
  what: string,
  { id, name }: Owner,
  lookUp: (name: string) => number | undefined,
): number | undefined {
  if (id !== undefined) {
    if (id >= 0 && id <= largestId) return Number(id)
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `${what} id ${id} is not between 0 and ${largestId}`,
    })
  }
  if (name === undefined || name === '') return undefined
  const found = lookUp(name)
  if (found !== undefined) return found
  throw new IgnitionError({
    code: 'FL_OWNER_UNKNOWN',
    message: `the new root has no ${what} ${JSON.stringify(name)}; add it under passwd, or use its id`,
  })
}

interface TreeOptions {
  readonly files: Files
  readonly mounts: readonly MountPoint[]
  readonly tree: string
  readonly existing: NodeStat
}

/**
 * A filesystem mounted at or below a directory. The mount table knows bind mounts, device numbers know the rest where
 * the table cannot be read.
 */
function mountedIn({ files, mounts, tree, existing }: TreeOptions): string | undefined {
  const [mount] = mountPointsBelow(mounts, tree)
  if (mount) return mount.path
  const parent = files.lstat(tree.slice(0, tree.lastIndexOf('/')) || '/')
  if (parent && parent.device !== existing.device) return tree
  return otherDeviceIn(files, tree, existing.device)
}

function otherDeviceIn(files: Files, directory: string, device: bigint): string | undefined {
  for (const name of files.list(directory)) {
    const path = `${directory}/${name}`
    const found = files.lstat(path)
    if (found?.type !== 'directory') continue
    const other = found.device === device ? otherDeviceIn(files, path, device) : path
    if (other !== undefined) return other
  }
  return undefined
}
