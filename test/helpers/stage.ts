import { IgnitionError } from '../../src/errors.ts'
import { sourceOf } from '../../src/resources/source-of.ts'
import { type AnySection, runSections } from '../../src/run-sections.ts'
import { type EarlierWork, type Fetch, nothingEarlier, type SectionContext } from '../../src/section.ts'
import type { Config } from '../../src/spec/config.ts'
import { emptyState, type State } from '../../src/state.ts'
import { createSysroot } from '../../src/system/sysroot.ts'
import type { System } from '../../src/system/system.ts'
import { configOf, type Sketch } from './config-of.ts'

export interface StageOptions {
  readonly system: System
  readonly config: Sketch<Config>
  /** Default: `/sysroot`. */
  readonly root?: string
  readonly state?: Partial<State>
  readonly mode?: SectionContext['mode']
  readonly ignoreUnsupported?: boolean
  /** Default: no journal of steps. */
  readonly earlier?: EarlierWork
  /** URL → chunks that arrive; an error among them is thrown then. Data URLs need no entry. */
  readonly resources?: Readonly<Record<string, readonly (string | Error)[]>>
}

/** The context of a stage that provisions a config. */
export function stage(options: StageOptions): SectionContext {
  const { system, config, root = '/sysroot', state, mode = 'boot', ignoreUnsupported = false } = options
  return {
    system,
    config: configOf(config),
    root,
    sysroot: createSysroot(system.files, root),
    state: { ...emptyState, ...state },
    fetch: fetchFrom(options.resources ?? {}),
    mode,
    ignoreUnsupported,
    written: new Set(),
    watchers: [],
    noteContents: () => undefined,
    outcome: undefined,
    earlier: options.earlier ?? nothingEarlier,
    claim() {},
    keep() {},
  }
}

/** Provisions the sections; returns the context and what is planned for them afterwards. */
export async function provision(context: SectionContext, ...sections: readonly AnySection[]): Promise<void> {
  await runSections(context, sections)
}

/** The lines for a person of what a section would do now. */
export async function planned(context: SectionContext, section: AnySection): Promise<readonly string[]> {
  if (!section.wanted(context)) return []
  const facts = await section.observe(context)
  return section.plan(context.config, facts).map((step) => section.describe(step))
}

/** The code and message of the error that some work ends with. */
export async function failureOf(work: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await work()
  } catch (error) {
    if (error instanceof IgnitionError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('it did not fail')
}

function fetchFrom(resources: NonNullable<StageOptions['resources']>): Fetch {
  const toSink: Fetch['toSink'] = async (resource, sink) => {
    const source = sourceOf(resource)
    const [, kind, data] = /^data:([^,]*),(.*)$/s.exec(source) ?? []
    const inline = (text: string) =>
      kind?.endsWith(';base64') ? Buffer.from(text, 'base64') : Buffer.from(decodeURIComponent(text))
    const chunks = data === undefined ? resources[source] : [inline(data)]
    if (source !== '' && !chunks)
      throw new IgnitionError({ code: 'FL_FETCH', message: `no such resource ${source}` })
    for (const chunk of chunks ?? []) {
      if (chunk instanceof Error) throw chunk
      sink(Buffer.from(chunk))
    }
  }
  const toMemory: Fetch['toMemory'] = async (resource) => {
    const parts: Uint8Array[] = []
    await toSink(resource, (chunk) => parts.push(chunk))
    return Buffer.concat(parts)
  }
  const fetch: Fetch = { toMemory, toSink, scoped: () => fetch }
  return fetch
}
