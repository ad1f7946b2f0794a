import { IgnitionError } from '../errors.ts'
import type { SectionContext } from '../section.ts'
import { entriesOf, nameOf } from '../sections/files/entry.ts'
import { mountablesOf } from '../sections/mounts/plan.ts'
import type { Config } from '../spec/config.ts'
import { readMountTable } from '../system/mount-table.ts'
import type { Unknown } from './record.ts'

type Kind = 'user' | 'group'

interface Owner {
  readonly kind: Kind
  readonly name: string
  /** What is to belong to it: `file "/etc/motd"`, `user "core"`. */
  readonly of: string
  readonly about: Unknown['about']
}

/** Users and groups that are named. Throws `FL_OWNER_UNKNOWN` for those that will certainly not be there. */
export function checkNames(context: SectionContext): readonly Unknown[] {
  const { config, sysroot } = context
  const made = accountsOf(config)
  const isRootThere = isFinalRoot(context)
  return [...ownersOf(config), ...groupsOf(config)].flatMap(({ kind, name, of, about }) => {
    const plan = made[kind].get(name)
    if (plan === 'made') return []
    const isGone = plan === 'removed'
    if (isGone || isRootThere) {
      const found = kind === 'user' ? sysroot.user(name) : sysroot.group(name)
      if (found && !isGone) return []
      throw unknownOwner({ kind, name, of, about }, isGone)
    }
    return [
      {
        about,
        message: `whether the new root has the ${kind} ${JSON.stringify(name)} that ${of} is to belong to`,
      },
    ]
  })
}

function ownersOf({ storage }: Config): readonly Owner[] {
  const lists = { directory: 'directories', file: 'files', symlink: 'links', hardLink: 'links' } as const
  return entriesOf(storage).flatMap((entry) => {
    // a hard link has the owner of what it shares
    if (entry.kind === 'hardLink') return []
    const list = lists[entry.kind]
    const index = (storage[list] as readonly unknown[]).indexOf(entry.node)
    return (['user', 'group'] as const).flatMap((kind): Owner[] => {
      const { id, name } = entry.node[kind]
      if (id !== undefined || name === undefined || name === '') return []
      return [{ kind, name, of: nameOf(entry), about: ['storage', list, index, kind, 'name'] }]
    })
  })
}

/** Groups that users are to be members of; the account tools take a number too. */
function groupsOf({ passwd }: Config): readonly Owner[] {
  return passwd.users.flatMap(({ name: user, shouldExist, primaryGroup = '', groups }, index) => {
    const about = ['passwd', 'users', index]
    const named = [
      { name: primaryGroup, about: [...about, 'primaryGroup'] },
      ...groups.map((name, place) => ({ name, about: [...about, 'groups', place] })),
    ]
    return named.flatMap(({ name, ...rest }): Owner[] =>
      shouldExist === false || name === '' || /^\d+$/.test(name)
        ? []
        : [{ kind: 'group', name, of: `user ${JSON.stringify(user)}`, ...rest }],
    )
  })
}

type Plans = ReadonlyMap<string, 'made' | 'removed'>

/** What becomes of the accounts that the config names. A new user may bring a group of the same name. */
function accountsOf({ passwd }: Config): Readonly<Record<Kind, Plans>> {
  const plan = ({ name, shouldExist }: { name: string; shouldExist?: boolean | undefined }) =>
    [name, shouldExist === false ? 'removed' : 'made'] as const
  return {
    user: new Map(passwd.users.map(plan)),
    group: new Map([...passwd.users.map(({ name }) => [name, 'made'] as const), ...passwd.groups.map(plan)]),
  }
}

/** Whether what is below the new root's path now is what files will be written to. In a usual boot it is not yet. */
function isFinalRoot({ root, system, config }: SectionContext): boolean {
  if (root === '' || mountablesOf(config).some(({ path }) => path === '/')) return false
  return readMountTable(system.files).some(({ path }) => path === root)
}

const unknownOwner = ({ kind, name, of, about }: Owner, isGone: boolean) =>
  new IgnitionError({
    code: 'FL_OWNER_UNKNOWN',
    about,
    message:
      `${of} is to belong to ${kind} ${JSON.stringify(name)}, ` +
      (isGone
        ? `which the config itself removes; use another ${kind}`
        : `which the new root does not have; nothing was changed: add it under passwd, or use its id`),
  })
