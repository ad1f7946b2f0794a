import { openHash } from '../../digest.ts'
import type { Claim, SectionContext } from '../../section.ts'
import type { Files, NodeStat } from '../../system/system.ts'
import { chunksOf } from './chunks.ts'
import type { EarlierFile, FilesStep } from './decide.ts'
import type { Entry } from './entry.ts'

const fileClaim = ({ kind, node }: Entry) => `${kind === 'hardLink' ? 'hard link' : 'file'} ${node.path}`

const appendClaim = ({ node }: Entry) => `append ${node.path}`

/** What a step is called in the journal of steps. Data of files are on disk when the stage has ended. */
export function claimsOf({ system }: SectionContext, step: FilesStep): readonly Claim[] {
  if ((step.kind === 'writeFile' || step.kind === 'makeHardLink') && step.isNew)
    return [{ name: fileClaim(step.entry), until: 'stage' }]
  if (step.kind !== 'appendToFile') return []
  const base = digestOf(system.files, step.target, { algorithm: 'sha256', bytes: step.from })
  return [{ name: appendClaim(step.entry), before: `${step.from} ${base}`, until: 'stage' }]
}

interface Look {
  readonly entry: Entry
  readonly target: string
  readonly existing: NodeStat | undefined
}

/** What the journal says of a file. */
export function observeEarlier(
  { system, earlier }: SectionContext,
  { entry, target, existing }: Look,
): EarlierFile {
  const made = earlier.look(fileClaim(entry))
  const appended = earlier.look(appendClaim(entry))
  if (made.kind !== 'none') return { kind: made.kind }
  if (appended.kind !== 'begun') return { kind: appended.kind }
  const [bytes = '', digest] = appended.before?.split(' ') ?? []
  const base = Number(bytes)
  const isSame =
    existing?.type === 'file' &&
    existing.size >= base &&
    digestOf(system.files, target, { algorithm: 'sha256', bytes: base }) === digest
  return { kind: 'appending', baseBytes: isSame ? base : undefined }
}

interface Digest {
  readonly algorithm: 'sha256' | 'sha512'
  /** So many from the beginning; default all. */
  readonly bytes?: number
}

/** In hexadecimal. */
export function digestOf(files: Files, path: string, { algorithm, bytes }: Digest): string {
  const hash = openHash(algorithm)
  for (const chunk of chunksOf(files, path, bytes)) hash.update(chunk)
  return hash.digest('hex')
}
