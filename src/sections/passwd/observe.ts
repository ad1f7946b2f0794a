import { inPart } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import type { SectionContext } from '../../section.ts'
import type { ConfigUser } from '../../spec/config.ts'
import type { Sysroot } from '../../system/system.ts'
import { mountedInHome } from './home.ts'
import { keyFileOf, keyFileText, refuseUnknownLayout } from './key-file.ts'
import type { GroupFacts, PasswdFacts, UserFacts } from './plan.ts'

/** Looks up every account that the config names. Hashes are only compared, never shown. */
export function observePasswd(context: SectionContext): PasswdFacts {
  const { config, sysroot, state, root } = context
  const users = config.passwd.users.flatMap(({ name }) => observeUser(context, name))
  const groups = config.passwd.groups.flatMap(({ name }) => observeGroup(context, name))
  const primaryGroups = config.passwd.users.flatMap(({ primaryGroup }) => primaryGroup ?? [])
  return {
    root: root || '/',
    users: new Map(users.map((user) => [user.name, user])),
    groups: new Map(groups.map((group) => [group.name, group])),
    groupIds: new Map(primaryGroups.flatMap((name) => groupId(sysroot, name))),
    mounted: new Map(users.map((user) => [user.name, mountedInHome(context, user)])),
    anyMounted: state.notatedDirectories.length > 0,
    keysInPlace: usersWithKeys(context),
  }
}

function observeUser(context: SectionContext, name: string): UserFacts[] {
  const user = context.sysroot.user(name)
  if (!user) return []
  const groups = context.sysroot.groupsOf(name)
  return [{ ...user, groups, passwordHash: hashIn(context, '/etc/shadow', name) }]
}

function observeGroup(context: SectionContext, name: string): GroupFacts[] {
  const group = context.sysroot.group(name)
  return group ? [{ ...group, passwordHash: hashIn(context, '/etc/gshadow', name) }] : []
}

/** The second field of the account's line. */
function hashIn({ sysroot, system }: SectionContext, path: string, name: string): Secret | undefined {
  const target = sysroot.follow(path)
  if (system.files.stat(target)?.type !== 'file') return undefined
  const line = system.files
    .readText(target)
    .split('\n')
    .find((text) => text.startsWith(`${name}:`))
  const hash = line?.split(':')[1]
  return hash === undefined ? undefined : new Secret(hash)
}

/** The account tools take a number for a group too. */
function groupId(sysroot: Sysroot, name: string): [string, number][] {
  const gid = sysroot.group(name)?.gid ?? (/^\d+$/.test(name) ? Number(name) : undefined)
  return gid === undefined ? [] : [[name, gid]]
}

function usersWithKeys(context: SectionContext): ReadonlySet<string> {
  const { config, sysroot, system } = context
  const withKeys = config.passwd.users.filter(({ sshAuthorizedKeys }) => sshAuthorizedKeys.length > 0)
  if (withKeys.length > 0) refuseUnknownLayout(system)
  const hasKeys = ({ name, sshAuthorizedKeys }: ConfigUser) => {
    const user = sysroot.user(name)
    if (!user?.home.startsWith('/')) return false
    const target = sysroot.resolve(keyFileOf(system, user))
    const found = system.files.lstat(target)
    return (
      found?.type === 'file' &&
      found.uid === user.uid &&
      found.gid === user.gid &&
      found.mode === 0o600 &&
      system.files.readText(target) === keyFileText(sshAuthorizedKeys)
    )
  }
  const inPlace = withKeys.filter((user) =>
    inPart({ part: user, member: ['sshAuthorizedKeys'] }, () => hasKeys(user)),
  )
  return new Set(inPlace.map(({ name }) => name))
}
