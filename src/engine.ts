import { acquireConfig, type ProviderFiles } from './acquire/acquire.ts'
import { readBaseConfig } from './acquire/base-config.ts'
import { readCache, writeCache } from './acquire/cache.ts'
import { remember, tellJournal } from './acquire/fetched-configs.ts'
import { forgetSecrets } from './acquire/forget-secrets.ts'
import { inText } from './acquire/in-text.ts'
import { askForNetwork, configNeedsNetwork } from './acquire/needs-network.ts'
import { configure } from './acquire/settings.ts'
import { readSources, writeSources } from './acquire/sources.ts'
import { IgnitionError } from './errors.ts'
import { flushRoot } from './flush-root.ts'
import { openRoot } from './open-root.ts'
import { type Account, openAccount } from './outcome/account.ts'
import { finishStage } from './outcome/finish.ts'
import { assembleReport } from './outcome/keep.ts'
import { type ReportWays, readReportWays } from './outcome/ways.ts'
import { withStaged } from './proof/staged-fetch.ts'
import { clearStaged } from './proof/staging-area.ts'
import { createFetcher } from './resources/fetch.ts'
import type { Fetcher } from './resources/settings.ts'
import { runFile } from './run-files.ts'
import { runSections } from './run-sections.ts'
import { type Claim, nothingEarlier, type SectionContext } from './section.ts'
import { loadSections } from './sections/table.ts'
import { type Config, emptyConfig } from './spec/config.ts'
import { mergeSourced, type Sourced } from './spec/origin.ts'
import { type StageName, stages } from './stages.ts'
import type { FetchedConfig, State } from './state.ts'
import type { JournalOptions, StepJournal } from './step-journal/open.ts'
import type { System } from './system/system.ts'

export interface StageOptions {
  readonly system: System
  readonly stage: StageName
  readonly platform: string
  /** The new root as given: `/sysroot`, `/`, or empty. */
  readonly root: string
  readonly cachePath: string
  readonly needNetworkPath: string
  /** Total seconds for each fetch of the user's own config. */
  readonly fetchTimeoutSeconds: number
  readonly state: State
  /** What the log has said of the levels `warning` and `err`, for the outcome report. */
  readonly warnings?: readonly string[]
  /** Keeps a state at once: what a stage that fails or is cut off knew. */
  readonly keepState: (state: State) => void
}

/**
 * Runs one stage: acquires the config, provisions the stage's sections and returns the state to keep for the next
 * one. Throws `IgnitionError`.
 */
export async function runStage(options: StageOptions): Promise<State> {
  const { system, stage, platform } = options
  const fetcher = createFetcher({ system, offline: stages[stage].config === 'fetch-offline', platform })
  const ways = readReportWays(system)
  const account = openAccount({ system, stage, warnings: options.warnings ?? [] })
  const keeping = { ...options, fetcher, ways, account }
  const ending = { system, fetcher, platform, account, ways }
  let state: State
  try {
    state = await provisionStage(keeping)
  } catch (error) {
    await finishStage({ ...ending, configs: options.state.fetchedConfigs, error })
    throw error
  }
  await finishStage({ ...ending, configs: state.fetchedConfigs, error: undefined })
  if (stages[stage].forgetsSecrets !== true) return state
  return forgetSecrets(system, { cachePath: options.cachePath, state })
}

/** What a stage needs beyond its options. */
interface Keeping extends StageOptions {
  readonly fetcher: Fetcher
  readonly ways: ReportWays
  readonly account: Account
}

async function provisionStage(options: Keeping): Promise<State> {
  const { system, stage, platform } = options
  const base = await system.span({ kind: 'config', name: 'read the base config' }, () =>
    acquireBase(system, platform),
  )
  const origin = stages[stage].config
  let known = remember(options.state, [{ kind: 'base', source: 'system', referenced: false }])
  const providerFiles: ProviderFiles = {
    kept: options.state.providerOutputFiles,
    keep: (files) => {
      known = { ...known, providerOutputFiles: files }
    },
  }
  try {
    const { sourced: user, fetched } = await system.span(
      { kind: 'config', name: `${origin === 'cache' ? 'read' : 'acquire'} the user's config` },
      () => acquireUser({ ...options, providerFiles }),
    )
    const state = remember(known, fetched)
    if (origin !== 'cache') tellJournal(system, state.fetchedConfigs)
    const nothing = { config: emptyConfig, origin: undefined }
    const sourced = mergeSourced(nothing, base === undefined ? user : mergeSourced(base, user))
    const { config } = sourced
    options.account.useSourced(sourced)
    const finished = await inText(sourced, undefined, () => provision({ ...options, state, config }))
    system.log('info', `${stage}: ${stage} passed`)
    return finished
  } catch (error) {
    if (origin !== 'fetch-offline' || !(isNeedsNetwork(error) || canBeTold(options))) throw error
    const reason = error instanceof Error ? error.message : String(error)
    system.log('info', `failed to fetch config: ${reason}`)
    askForNetwork(system, options.needNetworkPath)
    system.log('info', `${stage}: ${stage} passed`)
    return known
  }
}

/**
 * Whether a failure without the network is better met again by the stage that has it: whoever waits for the report by
 * HTTP would not hear of it otherwise. That stage runs only when there is no cache.
 */
const canBeTold = ({ system, ways, cachePath }: Keeping): boolean =>
  ways.url !== undefined && system.files.stat(cachePath) === undefined

const isNeedsNetwork = (error: unknown): error is IgnitionError =>
  error instanceof IgnitionError && error.code === 'FL_NEEDS_NETWORK'

async function acquireBase(system: System, platform: string): Promise<Sourced | undefined> {
  try {
    return await readBaseConfig(system, platform)
  } catch (cause) {
    throw rethrown(cause, 'failed to acquire system base config')
  }
}

async function acquireUser(
  options: StageOptions & { readonly fetcher: Fetcher; readonly providerFiles: ProviderFiles },
): Promise<{
  readonly sourced: Sourced
  readonly fetched: readonly FetchedConfig[]
}> {
  const { system, stage, cachePath, fetcher, platform } = options
  const sourcesPath = runFile(system, 'sources')
  if (stages[stage].config === 'cache') {
    const config = readCache({ system, path: cachePath, needsSecrets: stages[stage].forgetsSecrets !== true })
    const sourced = { config, origin: readSources(system, sourcesPath) }
    await configure(fetcher, sourced)
    return { sourced, fetched: [] }
  }
  try {
    const acquired = await acquireConfig({
      system,
      fetcher,
      platform,
      timeoutSeconds: options.fetchTimeoutSeconds,
      providerFiles: options.providerFiles,
    })
    writeCache({ system, path: cachePath, config: acquired.sourced.config })
    writeSources(system, sourcesPath, acquired.sourced)
    return acquired
  } catch (cause) {
    if (isNeedsNetwork(cause)) throw cause
    throw rethrown(cause, 'failed to acquire config')
  }
}

/** The same failure, with the step it belongs to in front. */
function rethrown(cause: unknown, step: string): unknown {
  if (!(cause instanceof IgnitionError)) return cause
  return new IgnitionError({
    code: cause.code,
    message: `${step}: ${cause.message}`,
    cause: cause.cause,
    about: cause.about,
    place: cause.place,
  })
}

async function provision(
  options: Keeping & { readonly config: Config; readonly state: State },
): Promise<State> {
  const { stage, config, state, fetcher, account, ways, platform } = options
  const system = options.system.scoped(stage)
  if (stage === 'fetch') system.log('info', 'fetch complete')
  if (stage === 'fetch-offline' && (configNeedsNetwork(config) || ways.url !== undefined))
    askForNetwork(system, options.needNetworkPath)
  const openedRoot = openRoot(system, options.root)
  const journal =
    stages[stage].journals === true
      ? await openJournal({ system, stage, config, sysroot: openedRoot.sysroot })
      : undefined
  const context: SectionContext = {
    system,
    config,
    ...openedRoot,
    state,
    fetch: fetcher,
    mode: 'boot',
    ignoreUnsupported: false,
    written: new Set(),
    noteContents: () => undefined,
    outcome: {
      platform,
      ways,
      soFar: () =>
        assembleReport(system, { platform, configs: state.fetchedConfigs, account: account.soFar() }),
    },
    ...accountsOf(options, journal),
  }
  const { sections: names, proof, flushes, clearsStaged } = stages[stage]
  const sections = await loadSections(names)
  if (proof === 'always' || (proof === 'ifWanted' && sections.some((section) => section.wanted(context)))) {
    const { prove } = await import('./proof/prove.ts')
    await system.span({ kind: 'section', name: 'proof' }, () => prove(context))
  }
  const finished = await runSections({ ...context, fetch: withStaged(context) }, sections)
  if (names.includes('trace')) (await import('./sections/trace/index.ts')).completeTrace(context)
  if (clearsStaged === true) clearStaged(system)
  if (flushes === true) flushRoot(options.system, openedRoot.root)
  if (journal) await closeJournal({ ...context, state: finished }, stage, journal)
  return finished
}

/** The stage has passed: what only a cut in its middle would have needed goes. */
async function closeJournal(context: SectionContext, stage: StageName, journal: StepJournal): Promise<void> {
  const { afterwards = [] } = stages[stage]
  journal.passed()
  await runSections({ ...context, earlier: journal.since() }, await loadSections(afterwards))
  journal.finish()
}

const openJournal = async (options: JournalOptions) =>
  (await import('./step-journal/open.ts')).openStepJournal(options)

/** Who keeps account of the steps, for whoever comes after this stage. */
const accountsOf = ({ account, keepState }: Keeping, journal: StepJournal | undefined) => ({
  watchers: journal ? [account.watcher, journal.watcher] : [account.watcher],
  earlier: journal?.earlier ?? nothingEarlier,
  claim: (claims: readonly Claim[]) => journal?.claim(claims),
  keep: keepState,
})
