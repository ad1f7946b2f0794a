import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { mountablesOf, pathOfMount } from '../mounts/plan.ts'
import { applyUnmount } from './apply.ts'
import { observeUnmounts } from './observe.ts'
import { planUnmounts, type UnmountStep, type UnmountsFacts } from './plan.ts'

/** Unmounts what the mount stage mounted. */
export const unmounts: Section<UnmountsFacts, UnmountStep> = {
  name: 'unmounts',
  wanted: ({ config, mode }) => mode === 'boot' && mountablesOf(config).length > 0,
  observe: observeUnmounts,
  plan: planUnmounts,
  describe: ({ target }) => `umounting ${quote(target)}`,
  about: ({ path }, config) => pathOfMount(config, path),
  apply: applyUnmount,
}
