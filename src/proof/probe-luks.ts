import { type Extent, signaturesAt } from '../block/signatures-at.ts'
import type { SectionContext } from '../section.ts'
import { createLuks } from '../sections/luks/index.ts'
import { askTangServers } from '../sections/luks/observe.ts'
import { type ConfigLuks, type LuksStep, planLuks } from '../sections/luks/plan.ts'
import { requireSeen } from './missing.ts'
import type { Outlook, Prospect } from './outlook.ts'

/** Looks at the volumes whose devices are there, and says what will be of each. Throws where something is in the way. */
export async function probeLuks(context: SectionContext, outlook: Outlook): Promise<void> {
  for (const volume of context.config.storage.luks) {
    const { name, device = '' } = volume
    const purpose = `LUKS volume ${JSON.stringify(name)}`
    await requireSeen(context.system, outlook, { devices: [device], purpose })
    const prospect = await prospectOf(context, volume, outlook.of(device))
    if (prospect.kind === 'there') continue
    for (const path of [`/dev/mapper/${name}`, `/dev/disk/by-id/dm-name-${name}`])
      outlook.expect(path, prospect)
  }
}

async function prospectOf(context: SectionContext, volume: ConfigLuks, on: Prospect): Promise<Prospect> {
  const only = forVolume(context, volume)
  if (on.kind === 'there') {
    // asks the tang servers too
    const [step] = await planNow(only)
    return afterStep(volume, step)
  }
  await askTangServers(only)
  const opened: Prospect = {
    kind: 'hidden',
    reason: `LUKS volume ${JSON.stringify(volume.name)} is opened first`,
  }
  switch (on.kind) {
    case 'made':
      return { kind: 'made' }
    case 'extent':
      return volume.wipeVolume === true || (await isFree(only, volume, on)) ? { kind: 'made' } : opened
    case 'hidden':
    case 'unseen':
    case 'gone':
      return opened
  }
}

const forVolume = (context: SectionContext, volume: ConfigLuks): SectionContext => ({
  ...context,
  config: { ...context.config, storage: { ...context.config.storage, luks: [volume] } },
})

async function planNow(context: SectionContext): Promise<readonly LuksStep[]> {
  const luks = createLuks()
  return luks.plan(context.config, await luks.observe(context))
}

function afterStep({ name }: ConfigLuks, step: LuksStep | undefined): Prospect {
  switch (step?.kind) {
    case undefined:
      return { kind: 'there' }
    case 'make':
      return { kind: 'made' }
    case 'open':
    case 'look':
      return { kind: 'hidden', reason: `LUKS volume ${JSON.stringify(name)} is opened first` }
  }
}

/** Whether nothing is where the volume is to be; another volume may be reused. Throws `FL_DEVICE_OCCUPIED` for anything else. */
async function isFree(
  { system, config }: SectionContext,
  volume: ConfigLuks,
  extent: Extent,
): Promise<boolean> {
  const signatures = await signaturesAt(system, extent)
  if (signatures === undefined || signatures.some(({ type }) => type === 'crypto_LUKS')) return false
  const isTaken = system.files.stat(`/dev/mapper/${volume.name}`)?.type === 'block'
  planLuks(
    config,
    new Map([
      [
        volume.name,
        {
          // a name for a device that has none yet
          node: `${extent.disk} from byte ${extent.startBytes}`,
          signatures,
          header: undefined,
          opened: isTaken ? 'other' : 'no',
          keyFits: false,
          isBound: false,
          hasKey: true,
          use: undefined,
          isOurs: false,
        },
      ],
    ]),
  )
  return true
}
