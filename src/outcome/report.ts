import type { ProvenContent, Unknown } from '../proof/record.ts'
import type { StageName } from '../stages.ts'
import type { FetchedConfig } from '../state.ts'
import type { Failure, ReportedPlace } from './failure.ts'

/** Version of the shape: new members may come, none goes away or changes its meaning without a new number. */
export const reportShape = 1

/** What became of a boot's provisioning: docs/outcome-report.md describes its members. No secrets. */
export interface OutcomeReport {
  readonly shape: typeof reportShape
  readonly program: { readonly name: 'Firstlight'; readonly version: string }
  /** `unfinished` until the last stage that provisions has ended. */
  readonly outcome: 'unfinished' | 'provisioned' | 'failed'
  readonly platform: string
  readonly bootId: string
  readonly configs: readonly FetchedConfig[]
  /** In the order run; a stage that ran twice counts once, as it ran last. */
  readonly stages: readonly StageAccount[]
  readonly proof?: ReportedProof
  readonly failure?: Failure
}

/** What was known before the first change. */
interface ReportedProof {
  readonly contents: readonly (Omit<ProvenContent, 'about'> & { readonly path: string })[]
  readonly unknown: readonly (Omit<Unknown, 'about'> & { readonly path: string })[]
}

/** One stage. */
export interface StageAccount {
  readonly stage: StageName
  /** ISO 8601, UTC, by the clock of the machine, which may be wrong so early. */
  readonly startedAt: string
  readonly milliseconds: number
  readonly result: 'running' | 'passed' | 'failed'
  readonly steps: readonly StepAccount[]
  /** Messages of the levels `warning` and `err`. */
  readonly warnings: readonly string[]
}

/** One change to the machine. */
export interface StepAccount {
  readonly section: string
  readonly description: string
  readonly milliseconds: number
  readonly result: 'running' | 'done' | 'failed'
  /** Where the config asks for it. */
  readonly place?: ReportedPlace
  /** Of a file's contents: `sha256-` or `sha512-` and hexadecimal digits. Not of files that others may not read. */
  readonly contentHash?: string
}
