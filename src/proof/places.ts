import { runDirectory } from '../run-files.ts'
import type { System } from '../system/system.ts'

/** Contents that wait for the stage that wants them. For root alone. */
export const stagingDirectory = (system: System) => `${runDirectory(system)}/staged`

/** What was proven in this boot. For root alone. */
export const recordPath = (system: System) => `${runDirectory(system)}/proof.json`
