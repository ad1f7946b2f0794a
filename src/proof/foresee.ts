import type { SectionContext } from '../section.ts'
import { foreseeDisks } from './foresee-disks.ts'
import { foreseeFilesystems } from './foresee-filesystems.ts'
import { foreseeLuks } from './foresee-luks.ts'
import { foreseeRaid } from './foresee-raid.ts'
import { createOutlook } from './outlook.ts'
import type { Unknown } from './record.ts'

/**
 * Goes through the sections of disks in their order without a change: each sees the machine as the ones before it will
 * leave it. Throws what is wrong; returns what cannot be seen.
 */
export async function foresee(context: SectionContext): Promise<readonly Unknown[]> {
  const outlook = createOutlook(context.system.files)
  await foreseeDisks(context, outlook)
  await foreseeRaid(context, outlook)
  await foreseeLuks(context, outlook)
  return foreseeFilesystems(context, outlook)
}
