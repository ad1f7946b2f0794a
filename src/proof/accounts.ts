import { isThere, requirePrograms } from '../block/require.ts'
import type { SectionContext } from '../section.ts'
import type { ProgramName } from '../system/programs.ts'
import type { Unknown } from './record.ts'

/**
 * Whether an account is there already decides which program sets it up, and only the new root tells: of each pair one has
 * to be there. Throws `FL_PROGRAM_MISSING`.
 */
export function checkAccountPrograms({ system, config }: SectionContext): readonly Unknown[] {
  const { users, groups } = config.passwd
  return [
    ...(users.some(stays) ? either(system, ['useradd', 'usermod'], 'users') : []),
    ...(groups.some(stays) ? either(system, ['groupadd', 'groupmod'], 'groups') : []),
  ]
}

const stays = ({ shouldExist }: { readonly shouldExist?: boolean | undefined }) => shouldExist !== false

function either(
  system: SectionContext['system'],
  pair: readonly [ProgramName, ProgramName],
  list: 'users' | 'groups',
): readonly Unknown[] {
  const missing = pair.filter((name) => !isThere(system, name))
  if (missing.length === 2) requirePrograms(system, pair, `setting up ${list}`)
  return missing.map((name) => ({
    about: ['passwd', list],
    message: `whether ${name} is needed, which is not in $PATH: that depends on the accounts of the new root`,
  }))
}
