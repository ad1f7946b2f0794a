import { IgnitionError } from '../errors.ts'
import { openRoot } from '../open-root.ts'
import { type Fetch, nothingEarlier, type SectionContext } from '../section.ts'
import { planKernelArguments } from '../sections/kernel-arguments/plan.ts'
import { mountablesOf } from '../sections/mounts/plan.ts'
import type { Config } from '../spec/config.ts'
import { emptyState, type State } from '../state.ts'
import type { System } from '../system/system.ts'
import { hashPlan } from './hash.ts'
import { inspectMachine } from './inspect.ts'
import type { Machine } from './machine.ts'
import { isAtRest, type Model, modelOf } from './model.ts'
import { observeConfigDisks, withPathsOf } from './observe-disks.ts'
import { picturesOf } from './pictures.ts'
import { resourcesOf } from './resources.ts'
import { planRoot } from './root.ts'
import { rootUnknowns } from './root-unknowns.ts'
import { viewRoot } from './root-view.ts'
import type { Effect, MachinePlan } from './shape-of-plan.ts'
import { planStorage } from './storage.ts'

export interface PlanOptions {
  readonly system: System
  /** Rendered: with all that it refers to. */
  readonly config: Config
  /** A description to plan against; without one it is the machine itself, and sgdisk rehearses on its disks. */
  readonly machine?: Machine | undefined
  /** Where the new root can be seen; undefined when it cannot. */
  readonly root?: string | undefined
  readonly mode?: SectionContext['mode']
  /** What an earlier run left: the keys of the volumes that it made. */
  readonly state?: State
}

/**
 * What a config would do to a machine: every section's own plan, each on what the one before leaves behind. Changes
 * nothing. What would stop the run is in `problems`, not thrown; devices that are not there yet are not waited for.
 */
export async function planMachine(options: PlanOptions): Promise<MachinePlan> {
  const { system, config, mode = 'boot' } = options
  const machine =
    options.machine ?? (mode === 'live' ? noMachine : await inspectMachine({ system, root: undefined }))
  const described = modelOf(machine)
  const before = options.machine ? described : withPathsOf(config, described, system.files)
  const isAtHand = options.machine === undefined && machine.where === 'initramfs' && mode === 'boot'
  const known = isAtHand ? await observeConfigDisks(system, config, before) : {}
  const storage =
    mode === 'live'
      ? { before, after: before, effects: [], unknowns: [], problems: [] }
      : planStorage(before, config, { ...known, keys: Object.keys(options.state?.luksPersistKeyFiles ?? {}) })
  const rootLook = lookAtRoot(options, { machine, before, after: storage.after })
  const root = await planRoot(rootLook)
  const seen = options.root !== undefined ? 'seen' : machine.root ? 'described' : 'unseen'
  const plan: Omit<MachinePlan, 'hash'> = {
    version: 1,
    mode,
    root: seen,
    effects: [
      ...(mode === 'live' ? [] : argumentEffects(config, machine)),
      ...storage.effects,
      ...root.effects,
    ],
    resources: resourcesOf(config),
    unknowns: [
      ...restUnknown(machine),
      ...storage.unknowns,
      ...rootUnknowns(config, { before, after: storage.after, root: seen }),
    ],
    problems: [...storage.problems, ...root.problems],
    disks: mode === 'live' ? [] : picturesOf(before, storage.after, config),
  }
  return { ...plan, hash: hashPlan(plan, config) }
}

function restUnknown(machine: Machine): MachinePlan['unknowns'] {
  if (!isAtRest(machine)) return []
  const reason = 'its devices were in use by a running system when it was described'
  return [
    { section: 'disks', subject: 'the machine', reason, taken: 'taken for one that begins its first boot' },
  ]
}

/** A root is all that there is to plan for. */
const noMachine: Machine = {
  version: 1,
  where: 'initramfs',
  architecture: '',
  memoryBytes: 0,
  kernelArguments: [],
  programs: [],
  devices: [],
  mounts: [],
  unseen: [],
}

interface Turned {
  readonly machine: Machine
  readonly before: Model
  readonly after: Model
}

function lookAtRoot(
  { system, config, root, mode = 'boot', state = emptyState }: PlanOptions,
  { machine, before, after }: Turned,
) {
  const opened = root === undefined ? undefined : openRoot(system, root)
  const mounts = machine.where === 'initramfs' ? machine.mounts : []
  const mounted = new Set(mounts.map(({ path }) => path))
  const targets = mountablesOf(config)
    .filter(({ path }) => path !== '/')
    .map(({ path }) => ({ target: `${opened?.root ?? ''}${path}` }))
  const view = viewRoot({
    system,
    config,
    root: opened?.root,
    accounts: machine.root,
    covered: mode === 'live' ? [] : targets.filter(({ target }) => !mounted.has(target)),
  })
  const { present, ...seen } = view
  const context: SectionContext = {
    ...seen,
    config,
    root: opened?.root ?? '',
    state,
    fetch: noFetch,
    mode,
    ignoreUnsupported: true,
    written: new Set(),
    watchers: [],
    noteContents: () => undefined,
    outcome: undefined,
    earlier: nothingEarlier,
    claim: () => undefined,
    keep: () => undefined,
  }
  return { context, present, model: after, before, mounts }
}

const refuseFetch = (): never => {
  throw new IgnitionError({ code: 'FL_INTERNAL', message: 'a plan does not fetch' })
}

const noFetch: Fetch = { toMemory: refuseFetch, toSink: refuseFetch, scoped: () => noFetch }

/** Which arguments are there already only the distribution's helper knows: the kernel's own line says what it booted with. */
function argumentEffects(config: Config, { kernelArguments: there }: Machine): readonly Effect[] {
  if (planKernelArguments(config).length === 0) return []
  const { shouldExist, shouldNotExist } = config.kernelArguments
  const section = 'kernel-arguments'
  const words = (subject: string, isSo: boolean, verb: string): Effect => ({
    section,
    effect: isSo ? 'keep' : 'change',
    subject,
    text: `kernel argument ${JSON.stringify(subject)}${isSo ? '' : ` is ${verb}`}`,
  })
  return [
    ...shouldExist.map((each) => words(each, there.includes(each), 'added')),
    ...shouldNotExist.filter((each) => there.includes(each)).map((each) => words(each, false, 'removed')),
  ]
}
