import type { Section } from '../../section.ts'
import { pathInConfig } from '../../spec/place.ts'
import { quote } from '../../system/quote.ts'
import { applyEntry } from './apply.ts'
import type { EntryFacts, FilesStep } from './decide.ts'
import { claimsOf } from './earlier.ts'
import { entriesOf, isRemote } from './entry.ts'
import { observeEntries } from './observe.ts'
import { planEntries } from './plan.ts'

/** Directories, files and links of `storage`. */
export const files: Section<readonly EntryFacts[], FilesStep> = {
  name: 'files',
  wanted: ({ config }) => entriesOf(config.storage).length > 0,
  observe: (context) => observeEntries(context, entriesOf(context.config.storage)),
  plan: (_config, facts) => planEntries(facts),
  describe: describeEntry,
  about: ({ entry }, config) => pathInConfig(config, entry.node),
  logPrefix: () => 'createFilesystemsFiles: createFiles',
  claims: claimsOf,
  isSideBySide,
  apply: applyEntry,
}

/** A step in the words of the log. */
export function describeEntry(step: FilesStep): string {
  const target = quote(step.target)
  switch (step.kind) {
    case 'makeDirectory':
      return `creating directory ${target}`
    case 'writeFile':
      return `writing file ${target}`
    case 'appendToFile':
      return `appending to file ${target}`
    case 'setAttributes':
      return `setting owner and mode of ${target}`
    case 'makeSymlink':
      return `writing link ${target} -> ${quote(step.text)}`
    case 'makeHardLink':
      return `writing hard link ${target} -> ${quote(step.shared)}`
  }
}

/** Files whose contents come from afar are fetched together. */
function isSideBySide(step: FilesStep): boolean {
  return step.kind === 'writeFile' && step.parts.some(isRemote)
}
