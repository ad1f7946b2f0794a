import { digest } from '../digest.ts'
import { IgnitionError } from '../errors.ts'
import { inResource } from '../resources/in-resource.ts'
import type { Fetcher } from '../resources/settings.ts'
import { showUrl } from '../resources/show-url.ts'
import { sourceOf } from '../resources/source-of.ts'
import type { Resource } from '../section.ts'
import { mergeSourced, type Sourced } from '../spec/origin.ts'
import type { ConfigPath } from '../spec/report.ts'
import { parseUrl } from '../spec/url.ts'
import type { FetchedConfig } from '../state.ts'
import type { System } from '../system/system.ts'
import { inText } from './in-text.ts'
import { parseBytes } from './parse-bytes.ts'
import { configure } from './settings.ts'

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
export function renderConfig(config: Sourced, options: RenderOptions): Promise<Sourced> {
  return renderAt(config, { ...options, depth: 0 })
}

async function renderAt(
  config: Sourced,
  options: RenderOptions & { readonly depth: number },
): Promise<Sourced> {
  const { fetcher, depth } = options
  if (depth > MAXIMUM_DEPTH)
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `referenced configs nest deeper than ${MAXIMUM_DEPTH} levels; does one refer to itself?`,
    })
  const { replace, merge } = config.config.ignition.config
  const locate = (about: ConfigPath, work: () => Promise<Sourced | undefined>) => inText(config, about, work)
  if (replace.source !== undefined) {
    const replacement = await locate(['ignition', 'config', 'replace'], () => fetchConfig(replace, options))
    if (replacement === undefined) return config
    await configure(fetcher, replacement)
    return renderAt(replacement, { ...options, depth: depth + 1 })
  }
  let merged = config
  for (const [index, reference] of merge.entries()) {
    const child = await locate(['ignition', 'config', 'merge', index], () => fetchConfig(reference, options))
    if (child === undefined) continue
    await configure(fetcher, mergeSourced(merged, child))
    merged = mergeSourced(merged, await renderAt(child, { ...options, depth: depth + 1 }))
  }
  return merged
}

/** Undefined when the reference is empty: that counts as nothing, where the reference drops the user's config. */
async function fetchConfig(reference: Resource, options: RenderOptions): Promise<Sourced | undefined> {
  const { system, fetcher, record } = options
  const shown = describeSource(reference)
  const bytes = await inResource(reference, () => fetcher.toMemory(reference))
  const parsed = await parseBytes({ system, bytes, origin: shown.origin })
  record({ kind: 'user', source: shown.path, referenced: true })
  if (parsed.kind === 'empty') {
    system.log('warning', `referenced config from ${shown.origin} is empty and changes nothing`)
    return undefined
  }
  const hash = digest('sha512', bytes)
  system.log('debug', `fetched referenced config at ${shown.origin} with SHA512: ${hash}`)
  return parsed.sourced
}

/** What may be shown of a source: never the data of a data URL, never a password in a URL. */
function describeSource(reference: Resource): { origin: string; path: string } {
  const source = sourceOf(reference)
  return { origin: showUrl(source), path: parseUrl(source)?.path ?? '' }
}
