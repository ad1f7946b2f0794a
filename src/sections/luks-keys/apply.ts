import { dirname } from 'node:path/posix'
import { IgnitionError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import type { SectionContext } from '../../section.ts'
import { fileFailure } from '../failure.ts'
import { crypttabPath, volumeKeyDirectory } from './observe.ts'
import { keyFilePath, type LuksKeysStep } from './plan.ts'

/** Writes a key file, or a line of /etc/crypttab; all of it for root alone. */
export async function applyLuksKeys(context: SectionContext, step: LuksKeysStep): Promise<void> {
  const { state } = context
  switch (step.kind) {
    case 'writeKey':
      return writeKey(context, keyFilePath(step.volume), state.luksPersistKeyFiles?.[step.volume])
    case 'writeVolumeKey':
      return writeKey(
        context,
        `${volumeKeyDirectory}/${step.file}`,
        state.luksPersistVolumeKeyFiles?.[step.file],
      )
    case 'addLine':
      return changeTable(context, (text) =>
        text === '' || text.endsWith('\n') ? `${text}${step.line}\n` : `${text}\n${step.line}\n`,
      )
    case 'replaceLine':
      return changeTable(context, (text) =>
        text
          .split('\n')
          .map((line) => (line === step.earlier ? step.line : line))
          .join('\n'),
      )
  }
}

async function writeKey(context: SectionContext, path: string, source: Secret | undefined): Promise<void> {
  if (source === undefined)
    throw new IgnitionError({
      code: 'FL_INTERNAL',
      message: `the key for ${JSON.stringify(path)} is not in the state`,
    })
  const { sysroot, system, fetch, written } = context
  const { files } = system
  const target = sysroot.resolve(path)
  try {
    const key = await fetch.toMemory({ source })
    const directory = dirname(target)
    const topmost = sysroot.makeParents(directory)
    const isNew = files.lstat(directory) === undefined
    if (isNew) files.makeDirectory(directory, { mode: 0o700, uid: 0, gid: 0 })
    files.write(target, key, { mode: 0o600, uid: 0, gid: 0 })
    written.add(topmost ?? (isNew ? directory : target))
  } catch (cause) {
    throw fileFailure({ files, action: `write key file ${JSON.stringify(path)}`, path: target, cause })
  }
}

function changeTable({ sysroot, system, written }: SectionContext, change: (text: string) => string): void {
  const { files } = system
  const target = sysroot.resolve(crypttabPath)
  try {
    const topmost = sysroot.makeParents(target)
    const existing = files.lstat(target)
    if (existing && existing.type !== 'file') throw notAFile(existing.type)
    const text = change(existing ? files.readText(target) : '')
    files.write(target, text, { mode: 0o600, uid: 0, gid: 0 })
    written.add(topmost ?? target)
  } catch (cause) {
    throw fileFailure({ files, action: `change ${JSON.stringify(crypttabPath)}`, path: target, cause })
  }
}

const notAFile = (type: string) =>
  new IgnitionError({ code: 'FL_FILE', message: `a ${type} is there, not a file` })
