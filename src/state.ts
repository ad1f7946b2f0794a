import type { Secret } from './secret.ts'

/** One config that took part, for the result file and the journal. */
export interface FetchedConfig {
  readonly kind: 'base' | 'user'
  /** `system`, `cmdline`, a platform id, or for a referenced config the path of its URL. */
  readonly source: string
  readonly referenced: boolean
}

/** What survives between stages, in the reference's file format. */
export interface State {
  readonly fetchedConfigs: readonly FetchedConfig[]
  /** LUKS name → key file as a data URL. */
  readonly luksPersistKeyFiles: Readonly<Record<string, Secret>> | null
  /** Directories, as the config names them, that the mount stage made. */
  readonly notatedDirectories: readonly string[]
  /** Files that the provider brings besides its config, as config file objects. */
  readonly providerOutputFiles: readonly unknown[]
  /** File name → CEX volume key as a data URL. */
  readonly luksPersistVolumeKeyFiles: Readonly<Record<string, Secret>> | null
}

export const emptyState: State = {
  fetchedConfigs: [],
  luksPersistKeyFiles: null,
  notatedDirectories: [],
  providerOutputFiles: [],
  luksPersistVolumeKeyFiles: null,
}
