import { IgnitionError } from '../errors.ts'
import type { ProviderFile } from '../platforms/source.ts'
import type { Fetcher } from '../resources/settings.ts'
import { type Config, emptyConfig } from '../spec/config.ts'
import { mergeConfigs } from '../spec/merge.ts'
import { validateConfig } from '../spec/parse.ts'
import { isFatal } from '../spec/report.ts'
import type { FetchedConfig } from '../state.ts'
import type { System } from '../system/system.ts'
import { inlineAuthorities } from './inline-authorities.ts'
import { firstError, logReport, parseBytes } from './parse-bytes.ts'
import { renderConfig } from './render.ts'
import { settingsOf } from './settings.ts'
import { readUserConfig } from './user-config.ts'

export interface Acquired {
  /** The rendered user config; the empty config when there is none. */
  readonly config: Config
  /** Every config that took part, the user's own first. */
  readonly fetched: readonly FetchedConfig[]
}

/** Files that the provider brings besides the config. */
export interface ProviderFiles {
  /** Those of an earlier stage, as the state has them. */
  readonly kept: readonly unknown[]
  readonly keep: (files: readonly ProviderFile[]) => void
}

/** Finds, renders and checks the user's config. Throws `FL_NEEDS_NETWORK` when that needs the network. */
export async function acquireConfig(options: {
  readonly system: System
  readonly fetcher: Fetcher
  readonly platform: string
  /** Total seconds for each fetch until the user's config is known. */
  readonly timeoutSeconds: number
  readonly providerFiles: ProviderFiles
}): Promise<Acquired> {
  const { system, fetcher, platform, timeoutSeconds, providerFiles } = options
  const { proxy } = emptyConfig.ignition
  await fetcher.configure({ timeouts: { httpTotal: timeoutSeconds }, certificateAuthorities: [], proxy })
  const answer = await readUserConfig({ system, fetcher, platform, kept: providerFiles.kept })
  switch (answer.kind) {
    case 'absent':
      throw new IgnitionError({
        code: 'FL_NO_PROVIDER',
        message: `no config source for platform "${platform}"`,
      })
    case 'needs-network':
      throw new IgnitionError({
        code: 'FL_NEEDS_NETWORK',
        message: `the config of platform "${platform}" requires networking`,
      })
    case 'empty':
      if (answer.files) providerFiles.keep(answer.files)
      return nothing(system, answer.reason)
    case 'found':
      // before rendering: when that needs the network, the next stage needs the files
      if (answer.files) providerFiles.keep(answer.files)
      return render({ system, fetcher, ...answer })
  }
}

function nothing(system: System, reason: string): Acquired {
  system.log('info', `not a config (empty): ${reason}, continuing with empty cache config`)
  return { config: emptyConfig, fetched: [] }
}

async function render(options: {
  readonly system: System
  readonly fetcher: Fetcher
  readonly bytes: Uint8Array
  readonly source: string
  readonly place: string
}): Promise<Acquired> {
  const { system, fetcher, bytes, source, place } = options
  const parsed = await parseBytes({ system, bytes, origin: place })
  if (parsed.kind === 'empty') return nothing(system, 'provider config was empty')
  await fetcher.configure(settingsOf(parsed.config))
  const fetched: FetchedConfig[] = [{ kind: 'user', source, referenced: false }]
  const rendered = await renderConfig(parsed.config, { system, fetcher, record: (one) => fetched.push(one) })
  await fetcher.configure(settingsOf(rendered))
  const config = mergeConfigs(emptyConfig, await inlineAuthorities(rendered, fetcher))
  const report = validateConfig(config)
  logReport(system, report)
  if (isFatal(report))
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `merging configs resulted in an invalid config: ${firstError(report)}`,
    })
  return { config, fetched }
}
