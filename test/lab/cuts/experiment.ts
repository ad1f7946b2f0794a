import { type ErrorCode, IgnitionError } from '../../../src/errors.ts'
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
  /** Milliseconds that each program took, by the key of its point. */
  readonly durations: ReadonlyMap<string, number>
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
  const durations = new Map<string, number>()
  const observer: Observer = {
    before: (point) => void points.push(point),
    after: ({ key }, milliseconds) => void durations.set(key, milliseconds),
  }
  const outcome = await run(situation, observer, describeMachine)
  return { points, durations, outcome }
}

/** A run now and then does something once more than another, or once less: it is made again for what it did not come to. */
const mostRuns = 3

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
  const lacking = () => plans.filter((plan) => !taken.has(plan))
  const take = (plan: CutPlan) => {
    if (plan.way === 'kept') sh('sync')
    taken.set(plan, takeSnapshot())
  }
  const plansAt = ({ key }: Point, isDuring: boolean) =>
    lacking().filter(({ point, way }) => point.key === key && (way === 'during') === isDuring)
  const observer: Observer = {
    before: (point) => plansAt(point, false).forEach(take),
    delayOf: (point) => {
      const [plan] = plansAt(point, true)
      return plan && plan.fraction * (durations.get(point.key) ?? 0)
    },
    during: (point) => plansAt(point, true).forEach(take),
    // it was over before the moment came
    after: (point) => plansAt(point, true).forEach(take),
  }
  for (let runs = 0; runs < mostRuns && lacking().length > 0; runs += 1)
    await run(situation, observer, () => undefined)
  return plans.map((plan) => {
    const snapshot = taken.get(plan)
    if (!snapshot) throw new Error(`${mostRuns} runs did not come to ${plan.point.key}`)
    return snapshot
  })
}

/** What the next boot after a cut has come to. */
export interface Verdict {
  /** What is wrong with the machine, or why the boot has stopped; empty when it is as if nothing had been. */
  readonly said: string
  /** The code of the error that it has stopped with. */
  readonly stop: ErrorCode | undefined
}

/** The next boot after a cut. */
export async function rerun(situation: Situation, { outcome }: Reference): Promise<Verdict> {
  try {
    const found = await run(situation, { before() {} }, describeMachine)
    const missing = outcome.filter((line) => !found.includes(line)).map((line) => `- ${line}`)
    const extra = found.filter((line) => !outcome.includes(line)).map((line) => `+ ${line}`)
    return { said: [...missing, ...extra].join('\n'), stop: undefined }
  } catch (error) {
    const { message, cause } = error as Error
    return { said: message, stop: cause instanceof IgnitionError ? cause.code : undefined }
  }
}
