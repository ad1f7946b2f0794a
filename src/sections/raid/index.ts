import type { Section } from '../../section.ts'
import { pathInConfig } from '../../spec/place.ts'
import { quote } from '../../system/quote.ts'
import { applyRaid, madeClaims } from './apply.ts'
import { observeRaid } from './observe.ts'
import { planRaid, type RaidFacts, type RaidStep } from './plan.ts'

/** RAID arrays of the kernel's md driver. */
export const raid: Section<RaidFacts, RaidStep> = {
  name: 'raid',
  wanted: ({ config, mode }) => mode === 'boot' && config.storage.raid.length > 0,
  observe: observeRaid,
  plan: planRaid,
  describe: ({ kind, array }) => `${verbs[kind]} ${quote(array.name)}`,
  about: ({ array }, config) => pathInConfig(config, array),
  claims: ({ system }, step) => madeClaims(system.files, step),
  logPrefix: () => 'createRaids',
  apply: applyRaid,
}

const verbs = { create: 'creating', assemble: 'assembling', look: 'looking for' } as const
