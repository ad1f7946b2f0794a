import { IgnitionError } from '../../errors.ts'
import type { System, User } from '../../system/system.ts'

const variable = 'IGNITION_WRITE_AUTHORIZED_KEYS_FRAGMENT'

/**
 * Where a user's keys go: a fragment of their own, unless the environment says that the distribution's sshd reads only
 * the one file.
 */
export function keyFileOf(system: System, { name, home }: User): string {
  if (!home.startsWith('/'))
    throw new IgnitionError({
      code: 'FL_FILE',
      message: `cannot write SSH keys of user ${JSON.stringify(name)}: the account has no home directory; set homeDir`,
    })
  return `${home}/.ssh/${writesFragment(system) ? 'authorized_keys.d/ignition' : 'authorized_keys'}`
}

/** The file's text: one key in each line. */
export function keyFileText(keys: readonly string[]): string {
  const text = keys.join('\n')
  return text.endsWith('\n') ? text : `${text}\n`
}

/** Throws when the environment names no known layout, before anything is done. */
export function refuseUnknownLayout(system: System): void {
  writesFragment(system)
}

function writesFragment(system: System): boolean {
  const value = system.environment(variable) ?? 'true'
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new IgnitionError({
    code: 'FL_USAGE',
    message: `the environment variable ${variable} is ${JSON.stringify(value)}; it may be true, 1, false or 0`,
  })
}
