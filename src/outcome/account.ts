import type { StepRecord, StepWatcher } from '../section.ts'
import { placeOf, type Sourced } from '../spec/origin.ts'
import { pathOfSubject } from '../spec/place.ts'
import type { StageName } from '../stages.ts'
import type { Log, System } from '../system/system.ts'
import { reportedPlace } from './failure.ts'
import type { StageAccount, StepAccount } from './report.ts'

/** Keeps account of one stage while it runs. */
export interface Account {
  readonly stage: StageName
  readonly watcher: StepWatcher
  /** Tells where the parts of the rendered config come from, as soon as that is known. */
  useSourced(sourced: Sourced): void
  /** The stage until now, or as it has ended. */
  soFar(result?: StageAccount['result']): StageAccount
}

/** Messages that are kept of one stage, at most. */
const mostWarnings = 200

/** Listens to a log for warnings. */
export function collectWarnings(): { readonly listen: Log; readonly warnings: readonly string[] } {
  const warnings: string[] = []
  const listen: Log = (level, message) => {
    if ((level === 'warning' || level === 'err') && warnings.length < mostWarnings) warnings.push(message)
  }
  return { listen, warnings }
}

interface Entry {
  readonly step: StepRecord
  readonly begun: number
  ended?: {
    readonly at: number
    readonly result: 'done' | 'failed'
    readonly contentHash: string | undefined
  }
}

/** Opens the account of a stage. */
export function openAccount(options: {
  readonly system: Pick<System, 'now' | 'monotonic'>
  readonly stage: StageName
  readonly warnings: readonly string[]
}): Account {
  const { system, stage, warnings } = options
  const startedAt = system.now().toISOString()
  const begun = system.monotonic()
  const entries = new Map<StepRecord, Entry>()
  let sourced: Sourced | undefined
  return {
    stage,
    watcher: {
      started: (step) => void entries.set(step, { step, begun: system.monotonic() }),
      ended(step, how) {
        const entry = entries.get(step)
        const contentHash = how.kind === 'done' ? how.contentHash : undefined
        if (entry) entry.ended = { at: system.monotonic(), result: how.kind, contentHash }
      },
    },
    useSourced(given) {
      sourced = given
    },
    soFar: (result = 'running') => ({
      stage,
      startedAt,
      milliseconds: Math.round(system.monotonic() - begun),
      result,
      steps: [...entries.values()].map((entry) => stepAccount(entry, system.monotonic(), sourced)),
      warnings: [...warnings],
    }),
  }
}

function stepAccount({ step, begun, ended }: Entry, now: number, sourced: Sourced | undefined): StepAccount {
  const path = step.about && sourced && pathOfSubject(sourced.config, step.about)
  const place = path && sourced && placeOf(sourced, path)
  const contentHash = ended?.contentHash
  return {
    section: step.section,
    description: step.description,
    milliseconds: Math.round((ended?.at ?? now) - begun),
    result: ended?.result ?? 'running',
    ...(place === undefined ? {} : { place: reportedPlace(place) }),
    ...(contentHash === undefined ? {} : { contentHash }),
  }
}
