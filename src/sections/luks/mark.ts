import { identityOf } from '../../block/identity.ts'
import type { Files, System } from '../../system/system.ts'
import { unfinishedMark } from './plan.ts'

/** Where a LUKS2 header has its subsystem: LUKS2 On-Disk Format Specification 1.1, 2.1 "Binary Header". */
const subsystemOffset = 208
const subsystemBytes = 48

/** Whether a LUKS2 header says that nobody has finished the volume yet. */
export function isMarked(files: Files, node: string): boolean {
  const bytes = Buffer.from(files.readAt(node, subsystemOffset, subsystemBytes))
  return bytes.toString('latin1').split('\0')[0] === unfinishedMark
}

/** The name of a volume in the journal of steps. */
export const claimOf = (files: Files, name: string, node: string) =>
  `luks ${name} on ${identityOf(files, node)}`

/** Takes the mark away: the volume is somebody's from now on. */
export async function clearMark(system: System, device: string, label: string | undefined): Promise<void> {
  // the label is written anew with the subsystem
  const labelOption = label ? ['--label', label] : []
  await system.run('cryptsetup', ['config', device, ...labelOption, '--subsystem', ''])
}
