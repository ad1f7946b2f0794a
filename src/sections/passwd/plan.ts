import { IgnitionError, inPart } from '../../errors.ts'
import { isSet, Secret } from '../../secret.ts'
import type { Config, ConfigGroup, ConfigUser } from '../../spec/config.ts'
import type { Group, NodeStat, User } from '../../system/system.ts'

type Argument = string | Secret

export interface GroupFacts extends Group {
  /** Hash from gshadow, or undefined when it cannot be told. */
  readonly passwordHash: Secret | undefined
}

export interface UserFacts extends User {
  /** Hash from shadow, or undefined when it cannot be told. */
  readonly passwordHash: Secret | undefined
  /** Names of the groups that list the user. */
  readonly groups: readonly string[]
}

/** A directory in a user's home that the mount stage made. */
export interface MountedDirectory {
  /** Path on the machine, after all symbolic links. */
  readonly target: string
  readonly existing: NodeStat
}

export interface PasswdFacts {
  /** The new root for `--root`; `/` for the machine's own. */
  readonly root: string
  readonly groups: ReadonlyMap<string, GroupFacts>
  readonly users: ReadonlyMap<string, UserFacts>
  /** Ids of the groups that users name as their primary group. */
  readonly groupIds: ReadonlyMap<string, number>
  /** Name of a user → directories at or below the home; those of new users are known only when they exist. */
  readonly mounted: ReadonlyMap<string, readonly MountedDirectory[]>
  /** Whether the mount stage made directories at all. */
  readonly anyMounted: boolean
  /** Users whose key file is as the config asks for. */
  readonly keysInPlace: ReadonlySet<string>
}

type AccountProgram = 'groupadd' | 'groupdel' | 'groupmod' | 'useradd' | 'userdel' | 'usermod'

export type PasswdStep =
  | {
      readonly kind: 'account'
      readonly what: 'group' | 'user'
      readonly name: string
      readonly program: AccountProgram
      readonly args: readonly Argument[]
      /** Where an existing user's home moves to. */
      readonly newHome?: string | undefined
    }
  | { readonly kind: 'ownHome'; readonly user: string }
  | { readonly kind: 'writeKeys'; readonly user: string; readonly keys: readonly string[] }

/** Groups in the order of the config, then users, each followed by what its home needs. */
export function planPasswd({ passwd }: Config, facts: PasswdFacts): readonly PasswdStep[] {
  return [
    ...passwd.groups.flatMap((group) => inPart({ part: group }, () => planGroup(group, facts))),
    ...passwd.users.flatMap((user) => inPart({ part: user }, () => planUser(user, facts))),
  ]
}

function planGroup(group: ConfigGroup, { root, groups }: PasswdFacts): PasswdStep[] {
  const name = usableName('group', group.name)
  const existing = groups.get(name)
  const command = (program: AccountProgram, options: readonly Argument[]): PasswdStep[] => [
    { kind: 'account', what: 'group', name, program, args: ['--root', root, ...options, name] },
  ]
  if (group.shouldExist === false) return existing ? command('groupdel', []) : []
  const options = [
    ...option('--gid', group.gid),
    ...passwordOption(isSet(group.passwordHash) ? group.passwordHash : undefined),
  ]
  if (!existing) return command('groupadd', [...options, ...flag('--system', group.system)])
  return isGroupAsWanted(group, existing) ? [] : command('groupmod', options)
}

function isGroupAsWanted({ gid, passwordHash }: ConfigGroup, existing: GroupFacts): boolean {
  return (
    (gid === undefined || gid === existing.gid) &&
    (!isSet(passwordHash) || passwordHash.reveal() === existing.passwordHash?.reveal())
  )
}

function planUser(user: ConfigUser, facts: PasswdFacts): PasswdStep[] {
  const name = usableName('user', user.name)
  const existing = facts.users.get(name)
  const command = (program: AccountProgram, options: readonly Argument[], newHome?: string): PasswdStep[] => [
    { kind: 'account', what: 'user', name, program, args: [...options, name], newHome },
  ]
  const root = ['--root', facts.root]
  if (user.shouldExist === false) return existing ? command('userdel', ['--remove', ...root]) : []
  if (existing && isUserAsWanted(user, existing, facts))
    return [...(isHomeOwned(existing, user, facts) ? [] : ownHome(user, facts)), ...missingKeys(user, facts)]
  const account = existing
    ? command('usermod', [...root, ...changeOptions(user)], user.homeDir || undefined)
    : command('useradd', [...root, ...createOptions(user)])
  return [...account, ...ownHome(user, facts), ...writeKeys(user)]
}

function createOptions(user: ConfigUser): readonly Argument[] {
  return [
    ...option('--home-dir', user.homeDir || undefined),
    user.noCreateHome === true ? '--no-create-home' : '--create-home',
    ...flag('--no-user-group', user.noUserGroup),
    ...flag('--system', user.system),
    ...flag('--no-log-init', user.noLogInit),
    ...passwordOption(passwordOf(user) ?? locked),
    ...sharedOptions(user),
  ]
}

function changeOptions(user: ConfigUser): readonly Argument[] {
  return [
    ...(user.homeDir ? ['--home', user.homeDir, '--move-home'] : []),
    ...passwordOption(passwordOf(user)),
    ...sharedOptions(user),
  ]
}

function sharedOptions({ uid, gecos, primaryGroup, groups, shell }: ConfigUser): readonly string[] {
  return [
    ...option('--uid', uid),
    ...option('--comment', gecos || undefined),
    ...option('--gid', primaryGroup || undefined),
    ...option('--groups', groups.length > 0 ? groups.join(',') : undefined),
    ...option('--shell', shell || undefined),
  ]
}

/** `*` and `!` lock; nobody has to hide them. */
const passwordOption = (hash: Secret | undefined): readonly Argument[] =>
  hash === undefined ? [] : ['--password', hash.reveal().length > 1 ? hash : hash.reveal()]

const locked = new Secret('*')

/** An empty hash locks the password; none leaves it alone. */
const passwordOf = ({ passwordHash }: ConfigUser) => (passwordHash?.reveal() === '' ? locked : passwordHash)

function isUserAsWanted(user: ConfigUser, existing: UserFacts, { groupIds }: PasswdFacts): boolean {
  const password = passwordOf(user)
  return (
    (!user.homeDir || user.homeDir === existing.home) &&
    (password === undefined || password.reveal() === existing.passwordHash?.reveal()) &&
    (user.uid === undefined || user.uid === existing.uid) &&
    (!user.gecos || user.gecos === existing.gecos) &&
    (!user.primaryGroup || groupIds.get(user.primaryGroup) === existing.gid) &&
    (user.groups.length === 0 || isSameSet(user.groups, existing.groups)) &&
    (!user.shell || user.shell === existing.shell)
  )
}

const isSameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item) => other.includes(item))

function ownHome({ name, noCreateHome }: ConfigUser, { anyMounted }: PasswdFacts): PasswdStep[] {
  return noCreateHome === true || !anyMounted ? [] : [{ kind: 'ownHome', user: name }]
}

function isHomeOwned({ uid, gid }: UserFacts, { name }: ConfigUser, { mounted }: PasswdFacts): boolean {
  return (mounted.get(name) ?? []).every(
    ({ existing }) => existing.uid === uid && existing.gid === gid && existing.mode === 0o700,
  )
}

function writeKeys({ name, sshAuthorizedKeys: keys }: ConfigUser): PasswdStep[] {
  return keys.length === 0 ? [] : [{ kind: 'writeKeys', user: name, keys }]
}

const missingKeys = (user: ConfigUser, { keysInPlace }: PasswdFacts) =>
  keysInPlace.has(user.name) ? [] : writeKeys(user)

/** What the account tools would take for one of their options is not a name. */
function usableName(what: 'user' | 'group', name: string): string {
  if (name !== '' && !name.startsWith('-')) return name
  throw new IgnitionError({
    code: 'FL_CONFIG_INVALID',
    message: `${JSON.stringify(name)} cannot be the name of a ${what}: it is empty or begins with "-"`,
  })
}

const option = (name: string, value: string | number | bigint | undefined) =>
  value === undefined ? [] : [name, String(value)]

const flag = (name: string, set: boolean | undefined) => (set === true ? [name] : [])
