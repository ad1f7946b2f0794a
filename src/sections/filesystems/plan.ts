import type { Signature } from '../../block/signatures.ts'
import { IgnitionError, inPart } from '../../errors.ts'
import type { Config, ConfigFilesystem } from '../../spec/config.ts'
import { canonicalUuid, isMadeFormat } from './mkfs.ts'

export interface FilesystemFacts {
  readonly node: string
  /** Everything recognised on the device, the most likely first. */
  readonly signatures: readonly Signature[]
  /** How the device is in use, in words. */
  readonly use: string | undefined
  /** Whether an earlier run has begun to make the filesystem and has not ended it. */
  readonly isOurs: boolean
}

/** Device → facts. */
export type FilesystemsFacts = ReadonlyMap<string, FilesystemFacts>

/** One filesystem to make, or with the format `none` a device to clear. */
export interface Making {
  readonly filesystem: ConfigFilesystem
  readonly format: string
  readonly node: string
}

/** All of them at once: they do not depend on each other, and making one takes a while. */
export interface FilesystemsStep {
  readonly makings: readonly Making[]
}

/** The filesystems of a config that are on a block device of its own. */
export const blockFilesystems = ({ storage }: Config): readonly ConfigFilesystem[] =>
  storage.filesystems.filter(({ format }) => Boolean(format) && format !== 'virtiofs')

/** One step for everything that is not as asked for. Throws where a device holds something else. */
export function planFilesystems(config: Config, facts: FilesystemsFacts): readonly FilesystemsStep[] {
  const makings = blockFilesystems(config).flatMap((filesystem) =>
    inPart({ part: filesystem }, () => planFilesystem(filesystem, facts)),
  )
  refuseSharedNodes(makings)
  return makings.length === 0 ? [] : [{ makings }]
}

function planFilesystem(filesystem: ConfigFilesystem, facts: FilesystemsFacts): readonly Making[] {
  const known = facts.get(filesystem.device)
  const format = filesystem.format ?? ''
  if (!known || !isNeeded(filesystem, format, known)) return []
  if (known.use !== undefined)
    throw new IgnitionError({
      code: 'FL_DEVICE_BUSY',
      message: `cannot make a filesystem on ${JSON.stringify(filesystem.device)}: it is ${known.use}`,
    })
  return [{ filesystem, format, node: known.node }]
}

function isNeeded(
  filesystem: ConfigFilesystem,
  format: string,
  { signatures, isOurs }: FilesystemFacts,
): boolean {
  if (format !== 'none' && !isMadeFormat(format))
    throw new IgnitionError({
      code: 'FL_UNSUPPORTED',
      message: `unsupported filesystem format: ${JSON.stringify(format)} for ${JSON.stringify(filesystem.device)}`,
    })
  if (filesystem.wipeFilesystem === true || isOurs) return true
  const found = mainSignature(signatures)
  if (!found) return format !== 'none'
  if (isAsAsked(filesystem, format, found)) return false
  throw new IgnitionError({
    code: 'FL_DEVICE_OCCUPIED',
    message:
      `filesystem at ${JSON.stringify(filesystem.device)} is not of the correct type, label, or UUID ` +
      `(found ${describe(found)}, specified ${describe(wanted(filesystem, format))}) and a filesystem wipe was not requested; ` +
      'set wipeFilesystem to replace it',
  })
}

/** What counts is the first filesystem; a partition table counts only when there is nothing else. */
export const mainSignature = (signatures: readonly Signature[]): Signature | undefined =>
  signatures.find(({ usage }) => usage !== 'partition-table') ?? signatures[0]

function isAsAsked({ label, uuid }: ConfigFilesystem, format: string, found: Signature): boolean {
  return (
    found.type === format &&
    (label === undefined || label === found.label) &&
    (uuid === undefined || canonicalUuid(format, uuid) === canonicalUuid(format, found.uuid))
  )
}

const wanted = ({ label, uuid }: ConfigFilesystem, type: string) => ({ type, label, uuid })

function describe(about: { type: string; label?: string | undefined; uuid?: string | undefined }): string {
  return [
    about.type,
    ...(about.label ? [`label ${JSON.stringify(about.label)}`] : []),
    ...(about.uuid ? [`UUID ${about.uuid}`] : []),
  ].join(', ')
}

function refuseSharedNodes(makings: readonly Making[]): void {
  const seen = new Map<string, string>()
  for (const { node, filesystem } of makings) {
    const other = seen.get(node)
    if (other !== undefined)
      throw new IgnitionError({
        code: 'FL_CONFIG_INVALID',
        about: { part: filesystem },
        message: `filesystems ${JSON.stringify(other)} and ${JSON.stringify(filesystem.device)} of the config are the same device, ${JSON.stringify(node)}`,
      })
    seen.set(node, filesystem.device)
  }
}
