import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import { applyResult } from './apply.ts'
import { observeResult } from './observe.ts'
import { planResult, type ResultFacts, type ResultStep } from './plan.ts'

/** The file that tells the booted system when and from what it was provisioned. */
export const result: Section<ResultFacts, ResultStep> = {
  name: 'result',
  wanted: ({ mode }) => mode === 'boot',
  observe: observeResult,
  plan: (_config, facts) => planResult(facts),
  describe: ({ target }) => `writing file ${quote(target)}`,
  logPrefix: () => 'createResultFile: createFiles',
  apply: applyResult,
}
