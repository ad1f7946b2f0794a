import { makeAlias } from '../../block/alias.ts'
import { waitForDevices } from '../../block/wait.ts'
import type { SectionContext } from '../../section.ts'
import { mdadmArguments, type RaidStep } from './plan.ts'

/** Makes or starts one array, then waits until it is there. Its devices may have been made by the step before. */
export async function applyRaid({ system }: SectionContext, step: RaidStep): Promise<void> {
  const nodes = await waitForDevices(system, step.array.devices)
  const aliases = step.array.devices.map((device) => makeAlias(system, device, nodes.get(device) ?? device))
  await system.run('mdadm', mdadmArguments(step, aliases))
  await waitForDevices(system, [step.path])
}
