import { IgnitionError } from '../errors.ts'
import { afterDisks, foreseeDisks, type Lying } from '../sections/disks/foresee.ts'
import { type DiskFacts, planDisks } from '../sections/disks/plan.ts'
import { afterFilesystems, foreseeFilesystems } from '../sections/filesystems/foresee.ts'
import { planFilesystems } from '../sections/filesystems/plan.ts'
import { afterLuks, foreseeLuks } from '../sections/luks/foresee.ts'
import { planLuks } from '../sections/luks/plan.ts'
import { afterRaid, foreseeRaid } from '../sections/raid/foresee.ts'
import { planRaid } from '../sections/raid/plan.ts'
import type { Config } from '../spec/config.ts'
import type { Foreseen, Model } from './model.ts'
import type { Effect, MachinePlan, Problem } from './shape-of-plan.ts'
import { diskEffects, filesystemEffects, luksEffects, raidEffects, type Turn } from './storage-effects.ts'

/** How a section of disks is planned without its machine: its own `plan` between what leads to it and what follows. */
interface Foresight<Facts, Step> {
  readonly foresee: (model: Model, config: Config) => Foreseen<Facts>
  readonly plan: (config: Config, facts: Facts) => readonly Step[]
  readonly after: (model: Model, steps: readonly Step[]) => Model
  readonly effects: (turn: Turn<Facts, Step>) => readonly Omit<Effect, 'section'>[]
}

/** A plan for the sections of disks, and the model that it ends with. */
export interface StoragePlan {
  readonly before: Model
  readonly after: Model
  readonly effects: readonly Effect[]
  readonly unknowns: MachinePlan['unknowns']
  readonly problems: readonly Problem[]
}

/** What is known besides the model. */
interface KnownBeforehand {
  /** Kernel's node → what was observed of a disk, with sgdisk's own rehearsal. */
  readonly observed?: ReadonlyMap<string, DiskFacts> | undefined
  readonly lying?: Lying | undefined
  /** LUKS volumes whose keys an earlier run kept. */
  readonly keys?: readonly string[]
}

/** Plans one section after the other, each on the model that the one before leaves. The first problem ends it. */
export function planStorage(model: Model, config: Config, known: KnownBeforehand = {}): StoragePlan {
  const empty: StoragePlan = { before: model, after: model, effects: [], unknowns: [], problems: [] }
  const { disks, raid, luks } = config.storage
  const turns = [
    ...(disks.length === 0
      ? []
      : [
          turn('disks', {
            foresee: (before, asked) => foreseeDisks(before, asked, known.observed),
            plan: (_, facts) => planDisks(facts),
            after: (before, steps) => afterDisks(before, steps, known.lying),
            effects: diskEffects,
          }),
        ]),
    ...(raid.length === 0
      ? []
      : [turn('raid', { foresee: foreseeRaid, plan: planRaid, after: afterRaid, effects: raidEffects })]),
    ...(luks.length === 0
      ? []
      : [
          turn('luks', {
            foresee: (before, asked) => foreseeLuks(before, asked, known.keys),
            plan: planLuks,
            after: afterLuks,
            effects: luksEffects,
          }),
        ]),
    turn('filesystems', {
      foresee: foreseeFilesystems,
      plan: planFilesystems,
      after: afterFilesystems,
      effects: filesystemEffects,
    }),
  ]
  return turns.reduce((plan, next) => (plan.problems.length > 0 ? plan : next(plan, config)), empty)
}

const turn =
  <Facts, Step>(section: string, { foresee, plan, after, effects }: Foresight<Facts, Step>) =>
  (so: StoragePlan, config: Config): StoragePlan => {
    try {
      const before = so.after
      const { facts, unknowns } = foresee(before, config)
      const steps = plan(config, facts)
      const next = after(before, steps)
      const said = effects({ config, facts, steps, before, after: next })
      return {
        ...so,
        after: next,
        effects: [...so.effects, ...said.map((each) => ({ section, ...each }))],
        unknowns: [...so.unknowns, ...unknowns.map((each) => ({ section, ...each }))],
      }
    } catch (error) {
      if (!(error instanceof IgnitionError)) throw error
      return { ...so, problems: [{ section, code: error.code, message: error.message }] }
    }
  }
