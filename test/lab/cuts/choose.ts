import { chanceOf } from '../../helpers/chance.ts'
import type { Point } from '../../helpers/observed-system.ts'

/**
 * How the power fails: before a change, with all that is still in memory lost; the same, but with everything on disk; or
 * while a program runs.
 */
type Way = 'lost' | 'kept' | 'during'

export interface CutPlan {
  readonly point: Point
  readonly way: Way
  /** Part of the program's time that has passed, 0 to 1. */
  readonly fraction: number
}

/** So many cuts by a seed: no two alike, in the order in which they happen. */
export function chooseCuts(
  points: readonly Point[],
  { seed, count }: { readonly seed: number; readonly count: number },
): readonly CutPlan[] {
  const chance = chanceOf(seed)
  const possible = points.flatMap((point): CutPlan[] => [
    { point, way: 'lost', fraction: 0 },
    { point, way: 'kept', fraction: 0 },
    ...(point.isProgram ? [{ point, way: 'during' as const, fraction: chance() }] : []),
  ])
  const drawn = possible
    .map((plan) => ({ plan, rank: chance() }))
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, count)
  return drawn
    .map(({ plan }) => plan)
    .toSorted((a, b) => a.point.index - b.point.index || a.fraction - b.fraction)
}
