import type { System } from '../system/system.ts'

/** Where the stages of a boot leave things for each other; another place for tests. */
const runDirectory = (system: System) => `${system.environment('FIRSTLIGHT_RUN_DIR') ?? '/run'}/firstlight`

/** Contents that wait for the stage that wants them. For root alone. */
export const stagingDirectory = (system: System) => `${runDirectory(system)}/staged`

/** What was proven in this boot. For root alone. */
export const recordPath = (system: System) => `${runDirectory(system)}/proof.json`
