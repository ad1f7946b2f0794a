import { extentIdentity } from '../block/identity.ts'
import { requirePrograms } from '../block/require.ts'
import { type Extent, signaturesAt } from '../block/signatures-at.ts'
import type { SectionContext } from '../section.ts'
import { isMadeFormat, makerOf } from '../sections/filesystems/mkfs.ts'
import { claimOf, observeFilesystems } from '../sections/filesystems/observe.ts'
import {
  blockFilesystems,
  type FilesystemFacts,
  type FilesystemsFacts,
  planFilesystems,
} from '../sections/filesystems/plan.ts'
import type { Config, ConfigFilesystem } from '../spec/config.ts'
import type { ProgramName } from '../system/programs.ts'
import { quote } from '../system/quote.ts'
import { requireSeen } from './missing.ts'
import type { Outlook } from './outlook.ts'
import type { Unknown } from './record.ts'

/** Looks at what the filesystems are to be made on. Throws where something else is there; returns what cannot be seen. */
export async function probeFilesystems(
  context: SectionContext,
  outlook: Outlook,
): Promise<readonly Unknown[]> {
  const { system, config } = context
  const all = blockFilesystems(config)
  const devices = all.map(({ device }) => device)
  await requireSeen(system, outlook, { devices, purpose: 'a filesystem' })
  const there = all.filter(({ device }) => outlook.of(device).kind === 'there')
  const facts = new Map(
    there.length === 0 ? [] : await observeFilesystems({ ...context, config: only(config, there) }),
  )
  const made: ConfigFilesystem[] = []
  const open: Unknown[] = []
  const leave = (filesystem: ConfigFilesystem, why: string) => open.push(unknown(config, filesystem, why))
  for (const filesystem of all) {
    const prospect = outlook.of(filesystem.device)
    if (prospect.kind === 'made') made.push(filesystem)
    if (prospect.kind === 'hidden') leave(filesystem, prospect.reason)
    if (prospect.kind === 'unseen') leave(filesystem, 'no such device is there yet')
    if (prospect.kind !== 'extent') continue
    const found = await factsAt(context, filesystem.device, prospect)
    if (found) facts.set(filesystem.device, found)
    else leave(filesystem, 'more than one thing may be on it, or there is no blkid to tell')
  }
  requireMakers(context, made, facts)
  return open
}

const only = (config: Config, filesystems: readonly ConfigFilesystem[]): Config => ({
  ...config,
  storage: { ...config.storage, filesystems },
})

async function factsAt(
  { system, earlier }: SectionContext,
  device: string,
  extent: Extent,
): Promise<FilesystemFacts | undefined> {
  const signatures = await signaturesAt(system, extent)
  const isOurs = earlier.look(claimOf(device, extentIdentity(system.files, extent))).kind === 'begun'
  // a name for a device that has none yet, so that two filesystems on one place are found out
  return (
    signatures && {
      node: `${extent.disk} from byte ${extent.startBytes}`,
      signatures,
      use: undefined,
      isOurs,
    }
  )
}

/** Plans what can be planned, which throws where something is in the way, and looks for the programs. */
function requireMakers(
  { system, config }: SectionContext,
  made: readonly ConfigFilesystem[],
  facts: FilesystemsFacts,
): void {
  const planned = planFilesystems(config, facts).flatMap(({ makings }) => makings.map(({ format }) => format))
  const formats = [...planned, ...made.map(({ format = '' }) => format)]
  const makers = formats.flatMap((format): ProgramName[] => (isMadeFormat(format) ? [makerOf(format)] : []))
  requirePrograms(system, makers, 'making filesystems')
}

const unknown = ({ storage }: Config, filesystem: ConfigFilesystem, why: string): Unknown => ({
  about: ['storage', 'filesystems', storage.filesystems.indexOf(filesystem)],
  message: `what is on ${quote(filesystem.device)}, for ${filesystem.format}: ${why}`,
})
