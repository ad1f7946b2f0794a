import type { Section } from '../../section.ts'
import { applyRelabel, describeRelabel } from './apply.ts'
import { observeRelabel } from './observe.ts'
import { planRelabel, type RelabelFacts, type RelabelStep } from './plan.ts'

/** SELinux labels of everything that the sections before it wrote. */
export const relabel: Section<RelabelFacts, RelabelStep> = {
  name: 'relabel',
  wanted: ({ mode }) => mode === 'boot',
  observe: observeRelabel,
  plan: (_config, facts) => planRelabel(facts),
  describe: describeRelabel,
  apply: applyRelabel,
}
