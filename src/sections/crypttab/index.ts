import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { applyCrypttab } from './apply.ts'
import { observeCrypttab } from './observe.ts'
import { type CrypttabFacts, type CrypttabStep, planCrypttab } from './plan.ts'

/** What the booted system needs to unlock the LUKS volumes: key files and /etc/crypttab. */
export const crypttab: Section<CrypttabFacts, CrypttabStep> = {
  name: 'crypttab',
  wanted: ({ config, mode, state }) =>
    mode === 'boot' &&
    (config.storage.luks.length > 0 || Object.keys(state.luksPersistVolumeKeyFiles ?? {}).length > 0),
  observe: observeCrypttab,
  plan: planCrypttab,
  describe,
  logPrefix: ({ kind }) => (kind === 'writeVolumeKey' ? 'createCexVolumeKeys' : 'createCrypttabEntries'),
  apply: applyCrypttab,
  /** The keys are where they belong: no copy stays in the state. */
  remember: ({ state }) => ({ ...state, luksPersistKeyFiles: null }),
}

function describe(step: CrypttabStep): string {
  switch (step.kind) {
    case 'writeKey':
      return `writing the key file of LUKS volume ${quote(step.volume)}`
    case 'writeVolumeKey':
      return `writing volume key file ${quote(step.file)}`
    case 'addLine':
      return `adding to crypttab: ${step.line}`
  }
}
