import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { applyLuksKeys } from './apply.ts'
import { observeLuksKeys } from './observe.ts'
import { type LuksKeysFacts, type LuksKeysStep, planLuksKeys } from './plan.ts'

/** What the booted system needs to unlock the LUKS volumes: key files and /etc/crypttab. */
export const luksKeys: Section<LuksKeysFacts, LuksKeysStep> = {
  name: 'luks-keys',
  wanted: ({ config, mode, state }) =>
    mode === 'boot' &&
    (config.storage.luks.length > 0 || Object.keys(state.luksPersistVolumeKeyFiles ?? {}).length > 0),
  observe: observeLuksKeys,
  plan: planLuksKeys,
  describe,
  logPrefix: ({ kind }) => (kind === 'writeVolumeKey' ? 'createCexVolumeKeys' : 'createCrypttabEntries'),
  apply: applyLuksKeys,
  /** The keys are where they belong: no copy stays in the state. */
  remember: ({ state }) => ({ ...state, luksPersistKeyFiles: null }),
}

function describe(step: LuksKeysStep): string {
  switch (step.kind) {
    case 'writeKey':
      return `writing the key file of LUKS volume ${quote(step.volume)}`
    case 'writeVolumeKey':
      return `writing volume key file ${quote(step.file)}`
    case 'addLine':
      return `adding to crypttab: ${step.line}`
    case 'replaceLine':
      return `replacing the line of an earlier run in crypttab: ${step.line}`
  }
}
