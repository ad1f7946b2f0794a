import { IgnitionError } from '../../errors.ts'
import { type EntryFacts, type FilesStep, planEntry } from './decide.ts'
import { type Entry, nameOf } from './entry.ts'

/** Steps in the order of depth, so that a directory is there before what is in it; hard links come last. */
export function planEntries(facts: readonly EntryFacts[]): readonly FilesStep[] {
  refuseSharedTargets(facts)
  const replaced = new Set<string>()
  const cleared: string[] = []
  const steps: FilesStep[] = []
  for (const fact of inOrder(facts)) {
    const step = planEntry(afterEarlierSteps(fact, { cleared, replaced }))
    if (!step) continue
    steps.push(step)
    if (step.kind !== 'setAttributes' && step.kind !== 'appendToFile') replaced.add(step.target)
    if (step.clear && fact.existing?.type === 'directory') cleared.push(step.target)
  }
  return steps
}

/** Earlier steps may have removed what was there when the facts were taken, or have put another file in its place. */
function afterEarlierSteps(
  facts: EntryFacts,
  { cleared, replaced }: { cleared: readonly string[]; replaced: ReadonlySet<string> },
): EntryFacts {
  const isGone = (path: string) => cleared.some((tree) => path.startsWith(`${tree}/`))
  const existing = isGone(facts.target) ? undefined : facts.existing
  const { shared } = facts
  if (!shared || !(replaced.has(shared.target) || isGone(shared.target))) return { ...facts, existing }
  return { ...facts, existing, shared: { ...shared, existing: undefined } }
}

function inOrder(facts: readonly EntryFacts[]): readonly EntryFacts[] {
  return facts
    .map((fact) => ({ fact, rank: rankOf(fact) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ fact }) => fact)
}

/** The depth of the place; hard links among themselves stay in the order of the config. */
function rankOf({ entry, target }: EntryFacts): number {
  return entry.kind === 'hardLink' ? Number.MAX_SAFE_INTEGER : target.split('/').length
}

function refuseSharedTargets(facts: readonly EntryFacts[]): void {
  const seen = new Map<string, Entry>()
  for (const { entry, target } of facts) {
    const other = seen.get(target)
    if (other)
      throw new IgnitionError({
        code: 'FL_FILE',
        message: `${nameOf(other)} and ${nameOf(entry)} of the config lead to the same place, ${JSON.stringify(target)}`,
      })
    seen.set(target, entry)
  }
}
