import { IgnitionError } from '../../errors.ts'
import type { Section } from '../../section.ts'
import { parseConfig } from '../../spec/parse.ts'
import { newestVersion } from '../../spec/versions.ts'
import type { State } from '../../state.ts'
import { applyEntry } from '../files/apply.ts'
import type { EntryFacts, FilesStep } from '../files/decide.ts'
import { claimsOf } from '../files/earlier.ts'
import type { Entry } from '../files/entry.ts'
import { describeEntry } from '../files/index.ts'
import { observeEntries } from '../files/observe.ts'
import { planEntries } from '../files/plan.ts'

/** Files that the provider brought besides its config; the config's own files come before them. */
export const providerFiles: Section<readonly EntryFacts[], FilesStep> = {
  name: 'provider-files',
  wanted: ({ mode, state }) => mode === 'boot' && state.providerOutputFiles.length > 0,
  observe: (context) => observeEntries(context, entriesIn(context.state)),
  plan: (_config, facts) => planEntries(facts),
  describe: describeEntry,
  claims: claimsOf,
  logPrefix: () => 'createFiles',
  apply: applyEntry,
}

/** They are kept as a config would have them, and have to be as right. */
function entriesIn({ providerOutputFiles }: State): readonly Entry[] {
  const document = { ignition: { version: newestVersion }, storage: { files: providerOutputFiles } }
  const outcome = parseConfig(Buffer.from(JSON.stringify(document)))
  if (outcome.kind === 'config')
    return outcome.config.storage.files.map((node) => ({ kind: 'file' as const, node }))
  throw new IgnitionError({
    code: 'FL_STATE_UNREADABLE',
    message:
      'the files that the provider brought are not kept as a config would have them (providerOutputFiles)',
  })
}
