import type { System } from './system/system.ts'

/** Where the stages of a boot leave things for each other and for whoever looks; another place for tests. */
export const runDirectory = (system: System): string =>
  `${system.environment('FIRSTLIGHT_RUN_DIR') ?? '/run'}/firstlight`

const names = {
  /** Where the parts of the rendered config come from. */
  sources: 'sources.json',
  /** The outcome report of the stages until now. */
  report: 'report.json',
  /** What a failed stage says last. */
  panel: 'failure.txt',
} as const

/** A file of Firstlight's own, for root alone. */
export const runFile = (system: System, name: keyof typeof names): string =>
  `${runDirectory(system)}/${names[name]}`
