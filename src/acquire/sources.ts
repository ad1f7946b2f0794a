import { type KeptPlaces, keepPlaces, restorePlaces } from '../spec/kept-places.ts'
import type { Origin, Sourced } from '../spec/origin.ts'
import { makeParents } from '../state-file.ts'
import type { System } from '../system/system.ts'

/** Keeps for later stages where the parts of the rendered config come from. Without it they say less when they fail. */
export function writeSources(system: System, path: string, sourced: Sourced): void {
  try {
    makeParents(system, path, 0o755)
    system.files.write(path, JSON.stringify(keepPlaces(sourced)), { mode: 0o600 })
  } catch (error) {
    system.log('warning', `cannot keep the lines of the config in "${path}": ${String(error)}`)
  }
}

/** Where the parts of the cached config come from, as the stage that wrote the cache has kept it; undefined when it has not. */
export function readSources(system: System, path: string): Origin | undefined {
  if (system.files.stat(path) === undefined) return undefined
  try {
    return restorePlaces(JSON.parse(system.files.readText(path)) as KeptPlaces)
  } catch (error) {
    system.log('warning', `cannot read the lines of the config from "${path}": ${String(error)}`)
    return undefined
  }
}
