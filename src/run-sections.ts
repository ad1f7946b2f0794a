import type { Section, SectionContext } from './section.ts'
import type { State } from './state.ts'
import type { System } from './system/system.ts'

/** A section whose facts and steps are its own business. */
export type AnySection = Section<unknown, unknown>

/** Provisions the sections of a stage in order and returns the state for the stages after it. The first error ends it. */
export async function runSections(context: SectionContext, sections: readonly AnySection[]): Promise<State> {
  let { state } = context
  for (const section of sections) {
    const current = { ...context, state }
    if (!section.wanted(current)) continue
    await provision(current, section)
    state = section.remember?.(current) ?? state
  }
  return state
}

async function provision(context: SectionContext, section: AnySection): Promise<void> {
  const facts = await section.observe(context)
  const steps = section.plan(context.config, facts)
  const systemOf = systemByPrefix(context.system)
  for (const step of steps) {
    await systemOf(section.logPrefix?.(step)).operation(section.describe(step), (system) =>
      section.apply({ ...context, system, fetch: context.fetch.scoped(system) }, step),
    )
  }
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
