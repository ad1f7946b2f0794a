import { basename } from 'node:path/posix'
import { signaturesAt } from '../block/signatures-at.ts'
import type { SectionContext } from '../section.ts'
import { observeRaid } from '../sections/raid/observe.ts'
import { type ConfigRaid, pathOf, planRaid } from '../sections/raid/plan.ts'
import { requireSeen } from './missing.ts'
import type { Outlook, Prospect } from './outlook.ts'

/** Looks at the arrays whose devices are all there, and says what will be of each. Throws where something is in the way. */
export async function probeRaid(context: SectionContext, outlook: Outlook): Promise<void> {
  for (const array of context.config.storage.raid) {
    await requireSeen(context.system, outlook, {
      devices: array.devices,
      purpose: `RAID array ${JSON.stringify(array.name)}`,
    })
    const prospect = await prospectOf(context, array, outlook)
    if (prospect.kind === 'there') continue
    for (const name of namesOf(array)) outlook.expect(name, prospect)
  }
}

async function prospectOf(context: SectionContext, array: ConfigRaid, outlook: Outlook): Promise<Prospect> {
  const members = array.devices.map((device) => outlook.of(device))
  if (members.some(({ kind }) => kind !== 'there')) return ofNewMembers(context.system, array, members)
  const { storage } = context.config
  const config = { ...context.config, storage: { ...storage, raid: [array] } }
  const [step] = planRaid(config, await observeRaid({ ...context, config }))
  switch (step?.kind) {
    case undefined:
      return { kind: 'there' }
    case 'create':
    case 'look':
      return { kind: 'made' }
    case 'assemble':
      return { kind: 'hidden', reason: `RAID array ${JSON.stringify(array.name)} is started first` }
  }
}

/** An array is made anew unless all its devices belong to an old one: one that does not is enough. */
async function ofNewMembers(
  system: SectionContext['system'],
  { name }: ConfigRaid,
  members: readonly Prospect[],
): Promise<Prospect> {
  for (const member of members) {
    if (member.kind === 'made') return { kind: 'made' }
    const signatures = member.kind === 'extent' ? await signaturesAt(system, member) : undefined
    if (signatures && !signatures.some(({ type }) => type === 'linux_raid_member')) return { kind: 'made' }
  }
  return { kind: 'hidden', reason: `RAID array ${JSON.stringify(name)} may be an old one that is started` }
}

/** The array's path and the link that udev makes for an array of any host. */
const namesOf = (array: ConfigRaid) => [pathOf(array), `/dev/disk/by-id/md-name-any:${basename(array.name)}`]
