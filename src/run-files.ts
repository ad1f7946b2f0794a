import type { System } from './system/system.ts'

/** Where the stages of a boot leave things for each other and for whoever looks; another place for tests. */
const runDirectory = (system: System): string =>
  `${system.environment('FIRSTLIGHT_RUN_DIR') ?? '/run'}/firstlight`

const names = {
  /** Where the parts of the rendered config come from. */
  sources: 'sources.json',
  /** The outcome report of the stages until now. */
  report: 'report.json',
  /** What a failed stage says last. */
  panel: 'failure.txt',
  /** What was proven in this boot. */
  proof: 'proof.json',
  /** A directory: contents that wait for the stage that wants them. */
  staged: 'staged',
  /** The plan that was found to be the reviewed one in this boot. */
  reviewedPlan: 'reviewed-plan',
  /** The journal of steps while there is no better place for it. */
  steps: 'steps.journal',
  /** A directory: where the boot partition is mounted while its journal of steps is read or written. */
  journalMount: 'journal',
  /** There when the stage `mount` has passed in this boot. */
  mountPassed: 'mount-passed',
  /** The same of `files`, and none before it has run again. */
  filesPassed: 'files-passed',
} as const

/** A file or directory of Firstlight's own, for root alone. */
export const runFile = (system: System, name: keyof typeof names): string =>
  `${runDirectory(system)}/${names[name]}`
