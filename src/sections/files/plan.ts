import { IgnitionError } from '../../errors.ts'
import { type EntryFacts, type FilesStep, planEntry } from './decide.ts'
import { type Entry, isRemote, nameOf } from './entry.ts'

/**
 * Directories and links come first, by depth, so that they are there before what is in them; then files, those to be
 * fetched together at the end; then hard links.
 */
export function planEntries(facts: readonly EntryFacts[]): readonly FilesStep[] {
  refuseSharedTargets(facts)
  refuseNodesBelowFiles(facts)
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

/** Ranks beyond every depth that a path can have. */
const ranks = { inlineFile: 1e6, remoteFile: 2e6, hardLink: 3e6 }

/** Directories and links by the depth of their place; all others stay in the order of the config. */
function rankOf({ entry, target }: EntryFacts): number {
  switch (entry.kind) {
    case 'directory':
    case 'symlink':
      return target.split('/').length
    case 'file':
      return isRemote(entry.node.contents) || entry.node.append.some(isRemote)
        ? ranks.remoteFile
        : ranks.inlineFile
    case 'hardLink':
      return ranks.hardLink
  }
}

function refuseSharedTargets(facts: readonly EntryFacts[]): void {
  const seen = new Map<string, Entry>()
  for (const { entry, target } of facts) {
    const other = seen.get(target)
    if (other)
      throw new IgnitionError({
        code: 'FL_FILE',
        about: { part: entry.node },
        message: `${nameOf(other)} and ${nameOf(entry)} of the config lead to the same place, ${JSON.stringify(target)}`,
      })
    seen.set(target, entry)
  }
}

/** What the config makes a file cannot hold another of its nodes. */
function refuseNodesBelowFiles(facts: readonly EntryFacts[]): void {
  const files = new Map(
    facts.flatMap(({ entry, target }) => (entry.kind === 'file' ? [[target, entry]] : [])),
  )
  for (const { entry, target } of facts) {
    for (let end = target.lastIndexOf('/'); end > 0; end = target.lastIndexOf('/', end - 1)) {
      const file = files.get(target.slice(0, end))
      if (file)
        throw new IgnitionError({
          code: 'FL_FILE',
          about: { part: entry.node },
          message: `${nameOf(entry)} of the config cannot be below ${nameOf(file)}`,
        })
    }
  }
}
