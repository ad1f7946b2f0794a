import type { SectionContext } from '../section.ts'
import { createOutlook } from './outlook.ts'
import { probeDisks } from './probe-disks.ts'
import { probeFilesystems } from './probe-filesystems.ts'
import { probeLuks } from './probe-luks.ts'
import { probeRaid } from './probe-raid.ts'
import type { Unknown } from './record.ts'

/**
 * Goes through the sections of disks in their order without a change: each sees the machine as the ones before it will
 * leave it. Throws what is wrong; returns what cannot be seen.
 */
export async function probe(context: SectionContext): Promise<readonly Unknown[]> {
  const outlook = createOutlook(context.system.files)
  await probeDisks(context, outlook)
  await probeRaid(context, outlook)
  await probeLuks(context, outlook)
  return probeFilesystems(context, outlook)
}
