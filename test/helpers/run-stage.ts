import { runStage, type StageOptions } from '../../src/engine.ts'
import { emptyState, type State } from '../../src/state.ts'

/** Runs a stage with the paths that its unit names and /sysroot for the new root; the platform is `file` unless told otherwise. */
export const runStageOf = (
  { system, stage }: Pick<StageOptions, 'system' | 'stage'>,
  more: Partial<StageOptions> = {},
): Promise<State> =>
  runStage({
    system,
    stage,
    platform: 'file',
    root: '/sysroot',
    cachePath: '/run/ignition.json',
    needNetworkPath: '/run/ignition/neednet',
    fetchTimeoutSeconds: 1,
    state: emptyState,
    keepState() {},
    ...more,
  })
