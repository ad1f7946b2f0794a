import { inText } from './acquire/in-text.ts'
import { configNeedsNetwork } from './acquire/needs-network.ts'
import { parseBytes } from './acquire/parse-bytes.ts'
import { renderConfig } from './acquire/render.ts'
import { configure, settingsOf } from './acquire/settings.ts'
import { IgnitionError } from './errors.ts'
import { openRoot } from './open-root.ts'
import { createFetcher } from './resources/fetch.ts'
import type { Fetcher } from './resources/settings.ts'
import { runSections } from './run-sections.ts'
import { nothingEarlier } from './section.ts'
import { loadSections } from './sections/table.ts'
import { type Config, emptyConfig } from './spec/config.ts'
import { mergeConfigs } from './spec/merge.ts'
import { type SectionName, stageNames, stages } from './stages.ts'
import { emptyState } from './state.ts'
import type { System } from './system/system.ts'

export interface ApplyOptions {
  readonly system: System
  readonly bytes: Uint8Array
  /** Where the bytes came from, for messages. */
  readonly origin: string
  /** The root to provision, as given. */
  readonly root: string
  readonly offline: boolean
  /** Leave out what cannot be applied, instead of refusing. */
  readonly ignoreUnsupported: boolean
  /** Hash of the plan that was reviewed: no other is carried out. */
  readonly planHash?: string | undefined
}

/**
 * Applies a config to the root of a container or to a directory: files, directories, links and units. Accounts,
 * disks, mounts and kernel arguments are refused, or left out when asked to. Throws `IgnitionError`.
 */
export async function applyLive(options: ApplyOptions): Promise<void> {
  const { system } = options
  refuseHost(system, options.root)
  const fetcher = createFetcher({ system, offline: options.offline })
  const parsed = await parseBytes({ system, bytes: options.bytes, origin: options.origin })
  if (parsed.kind === 'empty')
    throw new IgnitionError({
      code: 'FL_CONFIG_INVALID',
      message: `the config from ${options.origin} is empty`,
    })
  await configure(fetcher, parsed.sourced)
  const rendered = await renderConfig(parsed.sourced, { system, fetcher, record() {} })
  await inText(rendered, undefined, async () => applyRendered(rendered.config, fetcher, options))
}

async function applyRendered(config: Config, fetcher: Fetcher, options: ApplyOptions): Promise<void> {
  const { system } = options
  if (options.offline && configNeedsNetwork(config))
    throw new IgnitionError({
      code: 'FL_NEEDS_NETWORK',
      message: `the config from ${options.origin} requires networking`,
    })
  await fetcher.configure(settingsOf(config))
  const sections = await supportedSections(config, options)
  if (options.planHash !== undefined)
    await requireReviewed(config, { ...options, fetcher, planHash: options.planHash })
  await runSections(
    {
      system,
      config,
      ...openRoot(system, options.root),
      state: emptyState,
      fetch: fetcher,
      mode: 'live',
      ignoreUnsupported: options.ignoreUnsupported,
      written: new Set(),
      watchers: [],
      noteContents: () => undefined,
      outcome: undefined,
      earlier: nothingEarlier,
      claim() {},
      keep() {},
    },
    sections,
  )
}

/** Plans for the config as `firstlight plan --live` renders it. Throws `FL_PLAN_CHANGED`. */
async function requireReviewed(
  given: Config,
  {
    system,
    root,
    fetcher,
    planHash,
  }: ApplyOptions & { readonly fetcher: Fetcher; readonly planHash: string },
): Promise<void> {
  const [{ planMachine }, { requirePlan }, { inlineAuthorities }] = await Promise.all([
    import('./plan/plan-machine.ts'),
    import('./plan/hash.ts'),
    import('./acquire/inline-authorities.ts'),
  ])
  const config = mergeConfigs(emptyConfig, await inlineAuthorities(given, fetcher))
  requirePlan(planHash, await planMachine({ system, config, root, mode: 'live' }), config)
}

/** Container runtimes leave one of these in the containers that they make. */
const CONTAINER_MARKS = ['/run/.containerenv', '/.dockerenv']

/**
 * A whole host is reprovisioned, never patched: without `--root` it must be a container. A directory is fine
 * anywhere, unless it is the host's own root under another name.
 */
function refuseHost(system: System, root: string): void {
  if (system.environment('container') !== undefined) return
  if (CONTAINER_MARKS.some((mark) => system.files.stat(mark) !== undefined)) return
  const target = system.files.stat(root === '' ? '/' : root)
  if (target === undefined)
    throw new IgnitionError({ code: 'FL_FILE', message: `the root "${root}" does not exist; make it first` })
  const host = system.files.stat('/')
  if (target.device !== host?.device || target.inode !== host.inode) return
  throw new IgnitionError({
    code: 'FL_HOST_ROOT',
    message: 'this tool is not designed to run on a host system; reprovision the machine instead',
  })
}

/** What each part of a config is called when it cannot be applied to a running system. */
const NOT_LIVE: Partial<
  Record<SectionName, { readonly what: string; readonly asked: (config: Config) => boolean }>
> = {
  'kernel-arguments': {
    what: 'kargs modifications',
    asked: ({ kernelArguments }) =>
      kernelArguments.shouldExist.length + kernelArguments.shouldNotExist.length > 0,
  },
  disks: {
    what: 'disk modifications',
    asked: ({ storage }) => storage.disks.length + storage.raid.length + storage.luks.length > 0,
  },
  filesystems: { what: 'filesystems modifications', asked: ({ storage }) => storage.filesystems.length > 0 },
  passwd: { what: 'passwd', asked: ({ passwd }) => passwd.groups.length + passwd.users.length > 0 },
}

async function supportedSections(config: Config, { system, ignoreUnsupported }: ApplyOptions) {
  for (const { what, asked } of Object.values(NOT_LIVE)) {
    if (!asked(config)) continue
    if (!ignoreUnsupported)
      throw new IgnitionError({ code: 'FL_NOT_LIVE', message: `cannot apply ${what} live` })
    system.log('warning', `cannot apply ${what} live; left out`)
  }
  const live: readonly SectionName[] = ['files', 'units']
  return loadSections(
    stageNames.flatMap((stage) => stages[stage].sections).filter((name) => live.includes(name)),
  )
}
