import type { Config } from '../../spec/config.ts'
import { mountablesOf } from '../mounts/plan.ts'

/** Path in the config → where it is mounted on the machine; undefined when it is not. */
export type UnmountsFacts = ReadonlyMap<string, string | undefined>

export interface UnmountStep {
  /** Absolute path on the machine. */
  readonly target: string
  /** As in the config. */
  readonly path: string
}

/** What is still mounted, from the bottom up. */
export function planUnmounts(config: Config, facts: UnmountsFacts): readonly UnmountStep[] {
  return mountablesOf(config)
    .toReversed()
    .flatMap(({ path }) => {
      const target = facts.get(path)
      return target === undefined ? [] : [{ target, path }]
    })
}
