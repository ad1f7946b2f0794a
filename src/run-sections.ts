import { IgnitionError, inPart, inStep } from './errors.ts'
import type { Section, SectionContext, StepRecord } from './section.ts'
import { fileFailure } from './sections/failure.ts'
import { sideBySide } from './side-by-side.ts'
import type { State } from './state.ts'
import type { System } from './system/system.ts'

/** A section whose facts and steps are its own business. */
export type AnySection = Section<unknown, unknown>

/** Provisions the sections of a stage in order and returns the state for the stages after it. The first error ends it. */
export async function runSections(context: SectionContext, sections: readonly AnySection[]): Promise<State> {
  const { system } = context
  let { state } = context
  for (const section of sections) {
    const current = { ...context, state }
    if (!section.wanted(current)) continue
    await inTermsOf(current, section, () =>
      system.span({ kind: 'section', name: section.name }, () => provision(current, section)),
    )
    if (!section.remember) continue
    state = section.remember(current)
    context.keep(state)
  }
  return state
}

/** A system error that no step has put into words is still about a file, not a defect. */
async function inTermsOf(
  { system, root }: SectionContext,
  { name }: AnySection,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (cause) {
    if (cause instanceof IgnitionError || !(cause instanceof Error) || !('syscall' in cause)) throw cause
    const path = 'path' in cause && typeof cause.path === 'string' ? cause.path : root
    throw fileFailure({ files: system.files, action: `provision ${name}`, path, cause })
  }
}

async function provision(context: SectionContext, section: AnySection): Promise<void> {
  const { system: machine } = context
  const { name } = section
  const facts = await machine.span({ kind: 'observe', name }, () => section.observe(context))
  const steps = await machine.span({ kind: 'plan', name }, () => section.plan(context.config, facts))
  const systemOf = systemByPrefix(context.system)
  const numbered = steps.map((step, index) => ({ step, record: recordOf(context, section, { step, index }) }))
  for (const watcher of context.watchers) watcher.planned?.(numbered.map(({ record }) => record))
  const apply = ({ step, record }: Numbered, of: number, signal?: AbortSignal) => {
    let contentHash: string | undefined
    const noteContents = (hash: string) => {
      contentHash = hash
    }
    const work = () =>
      systemOf(section.logPrefix?.(step)).operation(
        record.description,
        (system) =>
          section.apply(
            { ...context, system, noteContents, fetch: context.fetch.scoped(system, signal, of) },
            step,
          ),
        { kind: 'step', facts: record.about && { about: record.about.join('.') } },
      )
    return watched(context, record, async () => {
      await inStep(record.description, () => inPart(record.about, () => inTermsOf(context, section, work)))
      return contentHash
    })
  }
  for (const group of groupsOf(section, numbered)) {
    if (group.length > 1) await sideBySide(group, (one, signal) => apply(one, group.length, signal))
    else for (const one of group) await apply(one, 1)
  }
}

interface Numbered {
  readonly step: unknown
  readonly record: StepRecord
}

function recordOf(
  context: SectionContext,
  section: AnySection,
  { step, index }: { readonly step: unknown; readonly index: number },
): StepRecord {
  return {
    section: section.name,
    index,
    description: section.describe(step),
    about: section.about?.(step, context.config),
    claims: section.claims?.(context, step) ?? [],
  }
}

/** Work answers the hash of what it has written, if it has. */
async function watched(
  { watchers }: SectionContext,
  record: StepRecord,
  work: () => Promise<string | undefined>,
) {
  for (const watcher of watchers) watcher.started?.(record)
  let contentHash: string | undefined
  try {
    contentHash = await work()
  } catch (cause) {
    for (const watcher of watchers) watcher.ended?.(record, { kind: 'failed', cause })
    throw cause
  }
  for (const watcher of watchers) watcher.ended?.(record, { kind: 'done', contentHash })
}

/** Neighbours that may run side by side, and all others one by one. */
function groupsOf(section: AnySection, steps: readonly Numbered[]): readonly (readonly Numbered[])[] {
  const groups: Numbered[][] = []
  let open: Numbered[] | undefined
  for (const one of steps) {
    const joins = section.isSideBySide?.(one.step) === true
    if (joins && open) open.push(one)
    else {
      const group = [one]
      groups.push(group)
      open = joins ? group : undefined
    }
  }
  return groups
}

function systemByPrefix(system: System): (prefix: string | undefined) => System {
  const scoped = new Map<string, System>()
  return (prefix) => {
    if (prefix === undefined) return system
    const known = scoped.get(prefix) ?? system.scoped(prefix)
    scoped.set(prefix, known)
    return known
  }
}
