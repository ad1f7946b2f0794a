import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import { showUrl } from '../resources/show-url.ts'
import type { Resource } from '../section.ts'
import type { Config } from '../spec/config.ts'
import { mergeConfigs } from '../spec/merge.ts'
import { parseUrl } from '../spec/url.ts'
import type { FetchedConfig } from '../state.ts'
import type { System } from '../system/system.ts'
import { parseBytes } from './parse-bytes.ts'
import { settingsOf } from './settings.ts'
import { sha512 } from './sha512.ts'

/** How deep references may nest. The reference has no bound and never ends on a config that names itself. */
const MAXIMUM_DEPTH = 32

export interface RenderOptions {
  readonly system: System
  readonly fetcher: Fetcher
  /** Told of every referenced config, in the order fetched. */
  readonly record: (fetched: FetchedConfig) => void
}

/**
 * Resolves `ignition.config.replace` and `ignition.config.merge`, depth first: a replacement stands for the whole
 * config, later merges win over earlier ones and over the config itself.
 */
export function renderConfig(config: Config, options: RenderOptions): Promise<Config> {
  return renderAt(config, { ...options, depth: 0 })
}

async function renderAt(
  config: Config,
  options: RenderOptions & { readonly depth: number },
): Promise<Config> {
  const { fetcher, depth } = options
  if (depth > MAXIMUM_DEPTH)
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `referenced configs nest deeper than ${MAXIMUM_DEPTH} levels; does one refer to itself?`,
    })
  const { replace, merge } = config.ignition.config
  if (replace.source !== undefined) {
    const replacement = await fetchConfig(replace, options)
    if (replacement === undefined) return config
    await fetcher.configure(settingsOf(replacement))
    return renderAt(replacement, { ...options, depth: depth + 1 })
  }
  let merged = config
  for (const reference of merge) {
    const child = await fetchConfig(reference, options)
    if (child === undefined) continue
    await fetcher.configure(settingsOf(mergeConfigs(merged, child)))
    merged = mergeConfigs(merged, await renderAt(child, { ...options, depth: depth + 1 }))
  }
  return merged
}

/** Undefined when the reference is empty: that counts as nothing, where the reference drops the user's config. */
async function fetchConfig(reference: Resource, options: RenderOptions): Promise<Config | undefined> {
  const { system, fetcher, record } = options
  const shown = describeSource(reference)
  const bytes = await fetcher.toMemory(reference)
  const parsed = await parseBytes({ system, bytes, origin: shown.origin })
  record({ kind: 'user', source: shown.path, referenced: true })
  if (parsed.kind === 'empty') {
    system.log('warning', `referenced config from ${shown.origin} is empty and changes nothing`)
    return undefined
  }
  const hash = sha512(bytes)
  system.log('debug', `fetched referenced config at ${shown.origin} with SHA512: ${hash}`)
  return parsed.config
}

/** What may be shown of a source: never the data of a data URL, never a password in a URL. */
function describeSource(reference: Resource): { origin: string; path: string } {
  const source = reference.source ?? ''
  return { origin: showUrl(source), path: parseUrl(source)?.path ?? '' }
}
