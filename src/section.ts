import type { OutcomeReport } from './outcome/report.ts'
import type { ReportWays } from './outcome/ways.ts'
import type { Secret } from './secret.ts'
import type { Config } from './spec/config.ts'
import type { ConfigPath } from './spec/report.ts'
import type { State } from './state.ts'
import type { Sysroot, System } from './system/system.ts'

/** What a section gets to work with. */
export interface SectionContext {
  readonly system: System
  readonly config: Config
  /** The new root, an absolute path without a trailing slash; empty for `/`. */
  readonly root: string
  /** Paths and accounts inside `root`; one for the whole stage. */
  readonly sysroot: Sysroot
  readonly state: State
  readonly fetch: Fetch
  /** `live` is `ignition-apply` on a directory: no accounts, no result file, no relabelling. */
  readonly mode: 'boot' | 'live'
  /** Live only: what cannot be applied to a running system is left out instead of being an error. */
  readonly ignoreUnsupported: boolean
  /** Paths written so far, absolute and below `root`, for relabelling. A section adds to it. */
  readonly written: Set<string>
  /** Are told of every step. */
  readonly watchers: readonly StepWatcher[]
  /** Takes the hash of what a step has written, for those who keep account: `sha256-…`. */
  readonly noteContents: (hash: string) => void
  /** The account of this boot; undefined where nobody keeps one. */
  readonly outcome: Outcome | undefined
  /** What the journal of steps knows of runs before this one. */
  readonly earlier: EarlierWork
  /** Enters into that journal what a step finds out only while it is done; on disk when it returns. */
  claim(claims: readonly Claim[]): void
  /** Keeps a state for later at once, whatever becomes of this stage. */
  keep(state: State): void
}

/** What sections get to know of the account of a boot. */
interface Outcome {
  readonly platform: string
  readonly ways: ReportWays
  /** The report until now. */
  readonly soFar: () => OutcomeReport
}

/** Something that a step makes, by a name that a run after a power cut has for the same thing. */
export interface Claim {
  readonly name: string
  /** What was there before, for whoever has to take the step back. */
  readonly before?: string
  /**
   * Until when the thing is not safe: till the end of its step, of its stage with all data on disk, or of all stages.
   * Default: `step`.
   */
  readonly until?: 'step' | 'stage' | 'boot'
  /** The step takes back what it has begun when it fails: then nothing there is ours any more. */
  readonly isTakenBack?: boolean
}

/** `begun`: ours, whatever state it is in. `ended`: as a run before has made it. */
export type EarlierClaim =
  | { readonly kind: 'none' }
  | { readonly kind: 'begun'; readonly before: string | undefined }
  | { readonly kind: 'ended' }

/** What runs before this one, cut off or not, have begun and ended in this same first boot. */
export interface EarlierWork {
  look(claim: string): EarlierClaim
  /**
   * What a run after a power cut needs no marks for any more. `volumes`: the new root is written and on disk, and the journal
   * outlives whatever becomes of it. `everything`: the same, and no stage comes that could want the rest.
   */
  readonly over: 'nothing' | 'volumes' | 'everything'
}

/** Where there is no journal. */
export const nothingEarlier: EarlierWork = { look: () => ({ kind: 'none' }), over: 'nothing' }

/** One step of a section, for those who keep account of what is done. */
export interface StepRecord {
  readonly section: string
  /** Place among the section's steps of this run, from 0. */
  readonly index: number
  /** The step in one line, as in the log. */
  readonly description: string
  /** The part of the rendered config that the step stands for: `storage`, `files`, 3. */
  readonly about: ConfigPath | undefined
  /** What it makes, for the journal of steps. */
  readonly claims: readonly Claim[]
}

type StepEnd =
  | { readonly kind: 'done'; readonly contentHash?: string | undefined }
  | { readonly kind: 'failed'; readonly cause: unknown }

/**
 * Keeps account of the steps of a stage while they happen. Steps side by side start before others have ended. What it
 * throws from `started` ends the stage before the step has done anything; `ended` must not throw.
 */
export interface StepWatcher {
  /** All steps of a section, before the first of them; what it throws ends the stage. */
  planned?(steps: readonly StepRecord[]): void
  started?(step: StepRecord): void
  ended?(step: StepRecord, end: StepEnd): void
}

/** A resource as the config names it, brought to the place where it is wanted. */
export interface Fetch {
  /** Verified, decompressed bytes. */
  toMemory(resource: Resource): Promise<Uint8Array>
  /** Streams verified, decompressed bytes into `sink`, whose the chunks are; throws before the caller may commit anything. */
  toSink(resource: Resource, sink: (chunk: Uint8Array) => void): Promise<void>
  /**
   * The same, with its messages in the scope of the given System: under the operation that it belongs to. The signal
   * ends a fetch early, with its reason. `of` is how many fetch side by side, this one among them.
   */
  scoped(system: System, signal?: AbortSignal, of?: number): Fetch
}

/** `contents` of a file, a referenced config, a key file, a certificate authority. */
export interface Resource {
  readonly source?: string | Secret | undefined
  readonly compression?: string | undefined
  readonly httpHeaders?:
    | readonly { readonly name: string; readonly value?: string | Secret | undefined }[]
    | undefined
  readonly verification?: { readonly hash?: string | undefined } | undefined
}

/**
 * One part of a config that a stage provisions. `observe` looks and changes nothing, `plan` is pure, `apply` does
 * one step. Planning again after applying gives no steps.
 */
export interface Section<Facts, Step> {
  readonly name: string
  wanted(context: SectionContext): boolean
  observe(context: SectionContext): Promise<Facts> | Facts
  plan(config: Config, facts: Facts): readonly Step[]
  /**
   * One line for a person. The runner logs it around `apply`: `op(N): [started]  …`; what `apply` itself does on the
   * context's system is logged below that.
   */
  describe(step: Step): string
  /** What the step makes or destroys, so that a run after a power cut knows it for its own. Default: nothing. */
  claims?(context: SectionContext, step: Step): readonly Claim[]
  /** The part of the rendered config that the step stands for; none when it stands for the whole. */
  about?(step: Step, config: Config): ConfigPath | undefined
  /**
   * Whether the step may run beside its neighbours that say the same. The first failure ends what they fetch.
   */
  isSideBySide?(step: Step): boolean
  /** Prefix of the step's lines in the log, besides the stage's: `ensureUsers`. */
  logPrefix?(step: Step): string
  apply(context: SectionContext, step: Step): Promise<void> | void
  /** What the section leaves for later stages in the state; called after all its steps. */
  remember?(context: SectionContext): State
}
