import { IgnitionError } from '../errors.ts'
import type { ProviderFile } from '../platforms/source.ts'
import type { Fetcher } from '../resources/settings.ts'
import { emptyConfig } from '../spec/config.ts'
import { mergeSourced, type Sourced } from '../spec/origin.ts'
import { validateConfig } from '../spec/parse.ts'
import { isFatal, type Report } from '../spec/report.ts'
import type { FetchedConfig } from '../state.ts'
import type { System } from '../system/system.ts'
import { showPlace } from './in-text.ts'
import { inlineAuthorities } from './inline-authorities.ts'
import { firstError, logReport, parseBytes } from './parse-bytes.ts'
import { renderConfig } from './render.ts'
import { configure } from './settings.ts'
import { readUserConfig } from './user-config.ts'

export interface Acquired {
  /** The rendered user config; the empty config when there is none. */
  readonly sourced: Sourced
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
      return renderUserConfig({ system, fetcher, ...answer })
  }
}

function nothing(system: System, reason: string): Acquired {
  system.log('info', `not a config (empty): ${reason}, continuing with empty cache config`)
  return { sourced: { config: emptyConfig, origin: undefined }, fetched: [] }
}

/** Renders and checks a config that is at hand, as a boot does. Throws `IgnitionError`. */
export async function renderUserConfig(options: {
  readonly system: System
  readonly fetcher: Fetcher
  readonly bytes: Uint8Array
  readonly source: string
  readonly place: string
}): Promise<Acquired> {
  const { system, fetcher, bytes, source, place } = options
  const parsed = await parseBytes({ system, bytes, origin: place })
  if (parsed.kind === 'empty') return nothing(system, 'provider config was empty')
  await configure(fetcher, parsed.sourced)
  const fetched: FetchedConfig[] = [{ kind: 'user', source, referenced: false }]
  const rendered = await renderConfig(parsed.sourced, { system, fetcher, record: (one) => fetched.push(one) })
  await configure(fetcher, rendered)
  // authorities with their bytes in them stand where they stood
  const inlined = { ...rendered, config: await inlineAuthorities(rendered.config, fetcher) }
  const sourced = mergeSourced({ config: emptyConfig, origin: undefined }, inlined)
  const report = validateConfig(sourced.config)
  logReport(system, report)
  if (isFatal(report))
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      place: showPlace(sourced, firstErrorPath(report)),
      message: `merging configs resulted in an invalid config: ${firstError(report)}`,
    })
  return { sourced, fetched }
}

const firstErrorPath = (report: Report) => report.find((entry) => isFatal([entry]))?.path ?? []
