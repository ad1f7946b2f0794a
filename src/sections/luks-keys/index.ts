import type { Section } from '../../section.ts'
import type { Config } from '../../spec/config.ts'
import type { ConfigPath } from '../../spec/report.ts'
import { quote } from '../../system/quote.ts'
import { applyLuksKeys } from './apply.ts'
import { claimOf, observeLuksKeys } from './observe.ts'
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
  claims: (_context, step) => {
    const name =
      step.kind === 'writeKey' ? step.volume : step.kind === 'writeVolumeKey' ? step.file : undefined
    return name === undefined ? [] : [{ name: claimOf(name), until: 'boot' }]
  },
  logPrefix: ({ kind }) => (kind === 'writeVolumeKey' ? 'createCexVolumeKeys' : 'createCrypttabEntries'),
  about: aboutVolume,
  apply: applyLuksKeys,
  /** The keys are where they belong: no copy stays in the state. */
  remember: ({ state }) => ({ ...state, luksPersistKeyFiles: null }),
}

/** The volume in the config; lines of crypttab begin with its name. */
function aboutVolume(step: LuksKeysStep, { storage }: Config): ConfigPath | undefined {
  if (step.kind === 'writeVolumeKey') return undefined
  const name = step.kind === 'writeKey' ? step.volume : step.line.split(' ')[0]
  const index = storage.luks.findIndex((volume) => volume.name === name)
  return index < 0 ? undefined : ['storage', 'luks', index]
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
