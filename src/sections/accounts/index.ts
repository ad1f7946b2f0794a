import type { Section } from '../../section.ts'
import { quote } from '../../system/quote.ts'
import {
  type AccountsFacts,
  type AccountsStep,
  copyClaim,
  keepAccounts,
  observeAccounts,
  restoreAccounts,
} from './copy.ts'

/**
 * A copy of the account files as they were before the first account tool ran, in the new root until the last stage is
 * over. The tools change several files one after the other: a run that finds the copy begins with what it holds.
 */
export const accounts: Section<AccountsFacts, AccountsStep> = {
  name: 'accounts',
  wanted: ({ config, mode }) =>
    mode === 'boot' && (config.passwd.users.length > 0 || config.passwd.groups.length > 0),
  observe: observeAccounts,
  plan: (_config, { kept, directory }) => [{ kind: kept ? 'restore' : 'keep', directory }],
  claims: (_context, { kind }) => (kind === 'keep' ? [{ name: copyClaim, until: 'boot' }] : []),
  describe: ({ kind, directory }) =>
    kind === 'keep'
      ? `keeping a copy of the account files in ${quote(directory)}`
      : `going back to the account files in ${quote(directory)}: a run before was cut off`,
  apply: (context, { kind }) => (kind === 'keep' ? keepAccounts(context) : restoreAccounts(context)),
}
