import { runDirectory } from '../run-files.ts'
import type { System } from '../system/system.ts'

/** Contents that wait for the stage that wants them. For root alone. */
export const stagingDirectory = (system: System) => `${runDirectory(system)}/staged`

/** The plan that was found to be the reviewed one in this boot. For root alone. */
export const reviewedPath = (system: System) => `${runDirectory(system)}/reviewed-plan`

/** What was proven in this boot. For root alone. */
export const recordPath = (system: System) => `${runDirectory(system)}/proof.json`
