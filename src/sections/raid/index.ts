import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { refuseLive } from '../live.ts'
import { applyRaid } from './apply.ts'
import { observeRaid } from './observe.ts'
import { planRaid, type RaidFacts, type RaidStep } from './plan.ts'

/** RAID arrays of the kernel's md driver. */
export const raid: Section<RaidFacts, RaidStep> = {
  name: 'raid',
  wanted: (context) => context.config.storage.raid.length > 0 && !refuseLive(context, 'disk'),
  observe: observeRaid,
  plan: planRaid,
  describe: ({ kind, array }) => `${kind === 'create' ? 'creating' : 'assembling'} ${quote(array.name)}`,
  logPrefix: () => 'createRaids',
  apply: applyRaid,
}
