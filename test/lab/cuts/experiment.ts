import type { Config } from '../../../src/spec/config.ts'
import type { Point } from '../../helpers/observed-system.ts'
import { sh } from '../loop.ts'
import { boot } from './boot.ts'
import type { CutPlan } from './choose.ts'
import { powerOff, powerOn, type Snapshot, takeSnapshot } from './machine.ts'
import { describeMachine } from './outcome.ts'

export interface Situation {
  /** The disks as the machine is switched on. */
  readonly delivered: Snapshot
  readonly config: Config
  readonly journal: boolean
  /** Gets what the boots log. */
  readonly listen?: (line: string) => void
}

export interface Reference {
  readonly points: readonly Point[]
  /** Milliseconds that each program took, by the index of its point. */
  readonly durations: ReadonlyMap<number, number>
  /** What the machine is in the end. */
  readonly outcome: readonly string[]
}

type Observer = Parameters<typeof boot>[0]['observer']

async function run<T>(situation: Situation, observer: Observer, then: () => T): Promise<T> {
  const lines: string[] = []
  powerOn(situation.delivered)
  try {
    const log = (line: string) => {
      lines.push(line)
      situation.listen?.(line)
    }
    await boot({ ...situation, observer, log })
    return then()
  } catch (error) {
    throw new Error(`${String(error)}\n${lines.slice(-12).join('\n')}`, { cause: error })
  } finally {
    powerOff()
  }
}

/** A run that nothing disturbs. */
export async function uninterrupted(situation: Situation): Promise<Reference> {
  const points: Point[] = []
  const durations = new Map<number, number>()
  const observer: Observer = {
    before: (point) => void points.push(point),
    after: ({ index }, milliseconds) => void durations.set(index, milliseconds),
  }
  const outcome = await run(situation, observer, describeMachine)
  return { points, durations, outcome }
}

/**
 * What the disks hold at each cut. The run itself goes on: a power cut leaves what is on the disks at that moment, whether
 * anything happens afterwards or not.
 */
export async function harvest(
  situation: Situation,
  { durations }: Reference,
  plans: readonly CutPlan[],
): Promise<readonly Snapshot[]> {
  const taken = new Map<CutPlan, Snapshot>()
  const take = (plan: CutPlan) => {
    if (plan.way === 'kept') sh('sync')
    taken.set(plan, takeSnapshot())
  }
  const plansAt = ({ index }: Point, isDuring: boolean) =>
    plans.filter(({ point, way }) => point.index === index && (way === 'during') === isDuring)
  const missed = (point: Point) => plansAt(point, true).filter((plan) => !taken.has(plan))
  const observer: Observer = {
    before: (point) => plansAt(point, false).forEach(take),
    delayOf: (point) => {
      const [plan] = plansAt(point, true)
      return plan && plan.fraction * (durations.get(point.index) ?? 0)
    },
    during: (point) => plansAt(point, true).forEach(take),
    after: (point) => missed(point).forEach(take),
  }
  await run(situation, observer, () => undefined)
  return plans.map((plan) => {
    const snapshot = taken.get(plan)
    if (!snapshot) throw new Error(`the run did not come to ${plan.point.before}`)
    return snapshot
  })
}

/** The next boot after a cut; what is wrong with the machine then, or nothing. */
export async function rerun(situation: Situation, { outcome }: Reference): Promise<string> {
  try {
    const found = await run(situation, { before() {} }, describeMachine)
    const missing = outcome.filter((line) => !found.includes(line)).map((line) => `- ${line}`)
    const extra = found.filter((line) => !outcome.includes(line)).map((line) => `+ ${line}`)
    return [...missing, ...extra].join('\n')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
