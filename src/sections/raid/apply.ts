import { makeAlias } from '../../block/alias.ts'
import { saying } from '../../block/failure.ts'
import { whileLocked } from '../../block/lock.ts'
import { nodeOf, settleUdev, waitForDevices } from '../../block/wait.ts'
import type { Claim, SectionContext } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import type { Files, System } from '../../system/system.ts'
import { claimOf, observeArray, slavesOf } from './observe.ts'
import { mdadmArguments, planRaid, type RaidStep } from './plan.ts'
import { followers } from './superblock.ts'

/** Makes or starts one array, then waits until it is there. Its devices may have been made by the step before. */
export async function applyRaid(context: SectionContext, step: RaidStep): Promise<void> {
  const { system } = context
  const { array, kind, path } = step
  const nodes = await waitForDevices(system, array.devices)
  if (kind === 'look') return look(context, step)
  // a removal that udev has yet to work off, of a partition that came back long ago, would have mdadm take it out again
  await settleUdev(system)
  const aliases = array.devices.map((device) => makeAlias(system, device, nodes.get(device) ?? device))
  await saying(
    `${kind === 'create' ? 'make' : 'start'} RAID array ${quote(path)} of ${array.devices.map(quote).join(', ')}`,
    async () => {
      // locked, so that udev does not start it again with the first of its devices
      await whileLocked(system, step.nodes, async () => {
        for (const node of step.remains)
          await system.run('mdadm', ['--stop', node], {
            description: `stopping an array that is not whole, ${quote(node)}`,
          })
        await system.run('mdadm', mdadmArguments(step, aliases))
      })
    },
  )
  await waitForDevices(system, [path])
  if (kind === 'assemble') await whileLocked(system, step.nodes, async () => completeArray(system, step))
}

/**
 * mdadm starts an array with the devices that were written last and leaves older ones out. One that has nothing of its
 * own is added, and the kernel copies to it what it lacks; any other stays as it is, for a person to look at.
 */
async function completeArray(system: System, { path, nodes, superblocks }: RaidStep): Promise<void> {
  const running = slavesOf(system.files, nodeOf(system.files, path))
  if (running.length === 0) return
  const safe = followers(superblocks, running)
  for (const node of nodes.filter((each) => !running.includes(each)))
    if (safe.includes(node))
      await system.run('mdadm', ['--manage', path, '--add', node], {
        description: `bringing ${quote(node)} up to date in ${quote(path)}`,
      })
    else
      system.log(
        'warning',
        `RAID array ${quote(path)} runs without ${quote(node)}, which may hold other data`,
      )
}

/** Decides about an array whose devices were not there when the section was planned. */
async function look(context: SectionContext, { array }: RaidStep): Promise<void> {
  const { config, system } = context
  const facts = new Map([[array.name, await observeArray(context, array)]])
  for (const step of planRaid({ ...config, storage: { ...config.storage, raid: [array] } }, facts)) {
    context.claim(madeClaims(system.files, step))
    await applyRaid(context, step)
  }
}

/** What making an array is called in the journal of steps. */
export const madeClaims = (files: Files, { kind, array, nodes }: RaidStep): readonly Claim[] =>
  kind === 'create' ? [{ name: claimOf(files, array.name, nodes) }] : []
