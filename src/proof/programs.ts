import { requirePrograms } from '../block/require.ts'
import type { SectionContext } from '../section.ts'
import { isMadeFormat, makerOf } from '../sections/filesystems/mkfs.ts'
import { planKernelArguments } from '../sections/kernel-arguments/plan.ts'
import { luksPrograms } from '../sections/luks/programs.ts'
import { mountablesOf } from '../sections/mounts/plan.ts'
import type { Config } from '../spec/config.ts'
import type { ProgramName } from '../system/programs.ts'

/** Throws `FL_PROGRAM_MISSING` with all programs that the stages of this boot need, whatever the machine holds. */
export const requireAllPrograms = ({ system, config }: SectionContext): void =>
  requirePrograms(system, programsOf(config), 'provisioning')

/** A filesystem that may be there already needs no program, nor does an account. */
function programsOf(config: Config): readonly ProgramName[] {
  const { disks, raid, luks, filesystems } = config.storage
  const when = (isNeeded: boolean, ...names: readonly ProgramName[]) => (isNeeded ? names : [])
  return [
    ...when(planKernelArguments(config).length > 0, 'ignition-kargs-helper'),
    ...when(disks.length > 0, 'sgdisk', 'partx', 'wipefs'),
    ...when(raid.length > 0, 'mdadm'),
    ...when(luks.length > 0, ...luksPrograms(luks)),
    ...when(
      filesystems.some(({ format }) => Boolean(format) && format !== 'virtiofs'),
      'wipefs',
    ),
    ...filesystems.flatMap(({ format = '', wipeFilesystem }) =>
      wipeFilesystem === true && isMadeFormat(format) ? [makerOf(format)] : [],
    ),
    ...when(mountablesOf(config).length > 0, 'mount'),
    ...when(
      config.systemd.units.some(({ enabled }) => enabled === false),
      'systemctl',
    ),
  ]
}
