import type { Section } from '../../section.ts'
import { pathInConfig } from '../../spec/place.ts'
import { quote } from '../../system/quote.ts'
import { applyRaid } from './apply.ts'
import { observeRaid } from './observe.ts'
import { planRaid, type RaidFacts, type RaidStep } from './plan.ts'

/** RAID arrays of the kernel's md driver. */
export const raid: Section<RaidFacts, RaidStep> = {
  name: 'raid',
  wanted: ({ config, mode }) => mode === 'boot' && config.storage.raid.length > 0,
  observe: observeRaid,
  plan: planRaid,
  describe: ({ kind, array }) => `${kind === 'create' ? 'creating' : 'assembling'} ${quote(array.name)}`,
  about: ({ array }, config) => pathInConfig(config, array),
  logPrefix: () => 'createRaids',
  apply: applyRaid,
}
