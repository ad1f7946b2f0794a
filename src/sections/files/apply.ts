import { IgnitionError } from '../../errors.ts'
import { inResource } from '../../resources/in-resource.ts'
import type { Fetch, SectionContext } from '../../section.ts'
import type { ConfigResource } from '../../spec/config.ts'
import type { PendingFile } from '../../system/system.ts'
import { fileFailure } from '../failure.ts'
import { chunksOf } from './chunks.ts'
import { createContentHash } from './content-hash.ts'
import { type FilesStep, newFileMode, planEntry } from './decide.ts'
import { isRemote, nameOf } from './entry.ts'
import { observeEntry } from './observe.ts'

type StepOf<Kind extends FilesStep['kind']> = FilesStep & { readonly kind: Kind }

/** Brings one entry into being, where its path leads now: an entry before it may have changed that. */
export async function applyEntry(context: SectionContext, planned: FilesStep): Promise<void> {
  const { entry } = planned
  const step =
    context.sysroot.resolve(entry.node.path) === planned.target
      ? planned
      : planEntry(observeEntry(context, entry))
  if (!step) return
  const { files } = context.system
  try {
    const topmost = context.sysroot.makeParents(step.target)
    await perform(context, step)
    context.written.add(topmost ?? step.target)
  } catch (cause) {
    throw fileFailure({ files, action: `create ${nameOf(entry)}`, path: step.target, cause })
  }
}

function perform(context: SectionContext, step: FilesStep): Promise<void> | void {
  switch (step.kind) {
    case 'makeDirectory':
      return makeDirectory(context, step)
    case 'writeFile':
      return writeFile(context, step)
    case 'appendToFile':
      return appendToFile(context, step)
    case 'setAttributes':
      return setAttributes(context, step)
    case 'makeSymlink':
      return makeSymlink(context, step)
    case 'makeHardLink':
      return makeHardLink(context, step)
  }
}

function makeDirectory(context: SectionContext, step: StepOf<'makeDirectory'>): void {
  clear(context, step)
  const { mode = 0o755, ...owner } = step.attributes
  context.system.files.makeDirectory(step.target, { mode, ...ownerOf(owner) })
}

/** What was at the target stays until the whole new file is there and verified. */
async function writeFile(context: SectionContext, step: StepOf<'writeFile'>): Promise<void> {
  const { mode = newFileMode, ...owner } = step.attributes
  const isOpen = (mode & readableByAll) !== 0
  const hash = isOpen ? createContentHash(step.parts) : undefined
  const target = context.system.files.create(step.target)
  const pending: PendingFile = hash ? hash.on(target) : target
  try {
    await receive(context, step.parts, pending)
    clear(context, step)
    pending.commit({ mode, ...ownerOf(owner) })
    if (hash) context.noteContents(hash.value())
  } finally {
    pending.discard()
  }
}

/** What others may not read may be short enough to be guessed from its hash: then none is told. */
const readableByAll = 0o004

/** All parts are there and verified before the first is added: in a file beside the target, for they may be large. */
async function appendToFile(context: SectionContext, step: StepOf<'appendToFile'>): Promise<void> {
  const { files } = context.system
  const pending = files.create(step.target)
  try {
    await receive(context, step.parts, pending)
    files.append(step.target, chunksOf(files, pending.path), { from: step.from })
  } finally {
    pending.discard()
  }
  setAttributes(context, step)
}

async function receive(
  { fetch }: SectionContext,
  parts: readonly ConfigResource[],
  pending: PendingFile,
): Promise<void> {
  for (const part of parts) {
    await inResource(part, async () => {
      if (isRemote(part)) await stream(fetch, part, pending)
      else pending.write(await fetch.toMemory(part))
    })
  }
  await pending.settle()
}

/** Owner first: changing it clears setuid and setgid. */
function setAttributes({ system }: SectionContext, step: StepOf<'appendToFile' | 'setAttributes'>): void {
  const { existing, attributes, target } = step
  const { uid = existing.uid, gid = existing.gid, mode } = attributes
  if (attributes.uid !== undefined || attributes.gid !== undefined) system.files.chown(target, uid, gid)
  if (mode !== undefined) system.files.chmod(target, mode)
}

function makeSymlink(context: SectionContext, step: StepOf<'makeSymlink'>): void {
  const { files } = context.system
  clear(context, step)
  const { uid, gid } = step.attributes
  const owner = uid === undefined && gid === undefined ? undefined : { uid: uid ?? 0, gid: gid ?? 0 }
  files.symlink(step.text, step.target, owner)
  context.sysroot.forget()
}

function makeHardLink(context: SectionContext, step: StepOf<'makeHardLink'>): void {
  const { files } = context.system
  const shared = context.sysroot.resolve(step.shared)
  const found = files.lstat(shared)
  if (!found) throw notShareable(shared, 'is not there')
  if (found.type === 'directory') throw notShareable(shared, 'is a directory, which can have one name only')
  clear(context, step)
  files.hardLink(shared, step.target)
}

const notShareable = (path: string, reason: string) =>
  new IgnitionError({ code: 'FL_FILE', message: `its target ${JSON.stringify(path)} ${reason}` })

function clear({ system, sysroot }: SectionContext, step: FilesStep): void {
  if (!step.clear) return
  system.files.remove(step.target)
  sysroot.forget()
}

const ownerOf = ({ uid, gid }: { uid: number | undefined; gid: number | undefined }) => ({
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
})

/** A full disk is not the network's fault: the error of the write wins over what the transfer makes of it. */
async function stream(fetch: Fetch, part: ConfigResource, pending: PendingFile): Promise<void> {
  let failure: { readonly cause: unknown } | undefined
  const sink = (chunk: Uint8Array) => {
    try {
      pending.take(chunk)
    } catch (cause) {
      failure ??= { cause }
      throw cause
    }
  }
  try {
    await fetch.toSink(part, sink)
  } catch (cause) {
    throw failure ? failure.cause : cause
  }
}
