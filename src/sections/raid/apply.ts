import { makeAlias } from '../../block/alias.ts'
import { saying } from '../../block/failure.ts'
import { waitForDevices } from '../../block/wait.ts'
import type { SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { mdadmArguments, type RaidStep } from './plan.ts'

/** Makes or starts one array, then waits until it is there. Its devices may have been made by the step before. */
export async function applyRaid({ system }: SectionContext, step: RaidStep): Promise<void> {
  const nodes = await waitForDevices(system, step.array.devices)
  const aliases = step.array.devices.map((device) => makeAlias(system, device, nodes.get(device) ?? device))
  const verb = step.kind === 'create' ? 'make' : 'start'
  await saying(
    `${verb} RAID array ${quote(step.path)} of ${step.array.devices.map(quote).join(', ')}`,
    async () => system.run('mdadm', mdadmArguments(step, aliases)),
  )
  await waitForDevices(system, [step.path])
}
