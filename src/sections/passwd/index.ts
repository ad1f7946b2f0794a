import { IgnitionError } from '../../errors.ts'
import type { Section, SectionContext } from '../../section.ts'
import type { Config } from '../../spec/config.ts'
import type { ConfigPath } from '../../spec/report.ts'
import { quote } from '../../system/quote.ts'
import { applyPasswd } from './apply.ts'
import { observePasswd } from './observe.ts'
import { type PasswdFacts, type PasswdStep, planPasswd } from './plan.ts'

/** Groups, users, and the SSH keys of users. */
export const passwd: Section<PasswdFacts, PasswdStep> = {
  name: 'passwd',
  wanted,
  observe: observePasswd,
  plan: planPasswd,
  describe,
  about: aboutAccount,
  logPrefix: (step) => (step.kind === 'account' && step.what === 'group' ? 'ensureGroups' : 'ensureUsers'),
  apply: applyPasswd,
}

function wanted({ config, mode, ignoreUnsupported }: SectionContext): boolean {
  const any = config.passwd.users.length > 0 || config.passwd.groups.length > 0
  if (!any || mode === 'boot') return any
  if (ignoreUnsupported) return false
  throw new IgnitionError({
    code: 'FL_UNSUPPORTED',
    about: ['passwd'],
    message:
      'cannot apply passwd live: users and groups are set up only while booting; use --ignore-unsupported',
  })
}

function describe(step: PasswdStep): string {
  switch (step.kind) {
    case 'account':
      return `${verbOf(step)} ${step.what} ${quote(step.name)}`
    case 'ownHome':
      return `handing mounted home directories to user ${quote(step.user)}`
    case 'writeKeys':
      return `adding ssh keys to user ${quote(step.user)}`
  }
}

/** The account in the config, or its list of keys. */
function aboutAccount(step: PasswdStep, { passwd }: Config): ConfigPath | undefined {
  const list = step.kind === 'account' && step.what === 'group' ? 'groups' : 'users'
  const name = step.kind === 'account' ? step.name : step.user
  const index = passwd[list].findIndex((account) => account.name === name)
  if (index < 0) return undefined
  return ['passwd', list, index, ...(step.kind === 'writeKeys' ? ['sshAuthorizedKeys'] : [])]
}

function verbOf({ what, program }: PasswdStep & { kind: 'account' }): string {
  if (program.endsWith('del')) return 'deleting'
  if (what === 'user') return 'creating or modifying'
  return program === 'groupadd' ? 'adding' : 'modifying'
}
