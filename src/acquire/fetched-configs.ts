import type { FetchedConfig, State } from '../state.ts'
import type { System } from '../system/system.ts'

/** Every config once, however many stages have met it. */
export function remember(state: State, fetched: readonly FetchedConfig[]): State {
  const known = new Set(
    state.fetchedConfigs.map((one) => JSON.stringify([one.kind, one.source, one.referenced])),
  )
  const added = fetched.filter((one) => !known.has(JSON.stringify([one.kind, one.source, one.referenced])))
  return added.length === 0 ? state : { ...state, fetchedConfigs: [...state.fetchedConfigs, ...added] }
}

/** Id of "a config was fetched": login banners of distributions look for it. */
const fetchedMessageId = '57124006b5c94805b77ce473e92a8aeb'

/** Has a record in the journal for each config. */
export function tellJournal(system: System, fetched: readonly FetchedConfig[]): void {
  for (const { kind, source, referenced } of fetched)
    system.journal({
      MESSAGE: `fetched ${referenced ? 'referenced ' : ''}${kind} config from "${source}"`,
      PRIORITY: '6',
      MESSAGE_ID: fetchedMessageId,
      IGNITION_CONFIG_TYPE: kind,
      IGNITION_CONFIG_SRC: source,
      IGNITION_CONFIG_REFERENCED: String(referenced),
    })
}
