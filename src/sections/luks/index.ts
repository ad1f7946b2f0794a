import type { Section } from '../../section.ts'
import { pathInConfig } from '../../spec/place.ts'
import { quote } from '../../system/quote.ts'
import { applyLuks, madeClaim } from './apply.ts'
import { createKeyRing, rememberKeys } from './key-ring.ts'
import { observeLuks } from './observe.ts'
import { type LuksFacts, type LuksStep, planLuks } from './plan.ts'

/** LUKS volumes, for one stage: their keys are kept in memory until they go into the state. */
export function createLuks(): Section<LuksFacts, LuksStep> {
  const ring = createKeyRing()
  return {
    name: 'luks',
    wanted: ({ config, mode }) => mode === 'boot' && config.storage.luks.length > 0,
    observe: (context) => observeLuks(context, ring),
    plan: planLuks,
    describe: ({ kind, volume, device }) =>
      `${verbs[kind]} luks volume ${quote(volume.name)} on ${quote(device)}`,
    about: ({ volume }, config) => pathInConfig(config, volume),
    claims: ({ system }, step) => (step.kind === 'make' ? [madeClaim(system.files, step)] : []),
    logPrefix: () => 'createLuks',
    apply: (context, step) => applyLuks(context, ring, step),
    remember: ({ state }) => rememberKeys(state, ring),
  }
}

const verbs = { make: 'making', open: 'opening', look: 'looking for' } as const
