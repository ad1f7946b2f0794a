import type { Config } from '../../spec/config.ts'
import type { ProgramName } from '../../system/programs.ts'
import { isMadeFormat, makerOf } from '../filesystems/mkfs.ts'
import { luksPrograms } from '../luks/programs.ts'

/**
 * The programs that the sections after this one need whatever the disks hold: better missed before a table is written
 * than when its data is gone. A filesystem that may be there already needs none.
 */
export function programsAfter({ storage: { raid, luks, filesystems } }: Config): readonly ProgramName[] {
  return [
    ...(raid.length > 0 ? (['mdadm'] as const) : []),
    ...(luks.length > 0 ? luksPrograms(luks) : []),
    ...filesystems.flatMap(({ format = '', wipeFilesystem }) =>
      wipeFilesystem === true && isMadeFormat(format) ? [makerOf(format)] : [],
    ),
  ]
}
