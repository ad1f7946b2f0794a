import type { Group, User } from './system.ts'

/** Reads a file of the new root; undefined when it is not there. */
type Read = (path: string) => string | undefined

/** Where the services of nsswitch.conf that are plain files keep their accounts. Other services cannot be asked here. */
const services: ReadonlyMap<string, string> = new Map([
  ['files', '/etc'],
  ['compat', '/etc'],
  // https://github.com/aperezdc/nss-altfiles, for ostree systems
  ['altfiles', '/usr/lib'],
  // Flatcar's module for the accounts of its read-only /usr
  ['usrfiles', '/usr/share/baselayout'],
])

export interface Accounts {
  user(name: string): User | undefined
  group(name: string): Group | undefined
  groupsOf(user: string): readonly string[]
  /** To be called when the accounts may have changed. */
  forget(): void
}

interface Databases {
  readonly users: ReadonlyMap<string, User>
  readonly groups: ReadonlyMap<string, Group>
}

/** Accounts by name, from the files that the root's own nsswitch.conf names, in its order; the first entry wins. */
export function createAccounts(read: Read): Accounts {
  let known: Databases | undefined
  const databases = () => {
    known ??= {
      users: entries(read, 'passwd', parseUser),
      groups: entries(read, 'group', parseGroup),
    }
    return known
  }
  return {
    user: (name) => databases().users.get(name),
    group: (name) => databases().groups.get(name),
    groupsOf: (user) =>
      [...databases().groups.values()]
        .filter(({ members }) => members.includes(user))
        .map(({ name }) => name),
    forget: () => {
      known = undefined
    },
  }
}

/** All accounts, in the order of the files. */
export function listAccounts(read: Read): {
  readonly users: readonly User[]
  readonly groups: readonly Group[]
} {
  return {
    users: [...entries(read, 'passwd', parseUser).values()],
    groups: [...entries(read, 'group', parseGroup).values()],
  }
}

function entries<T extends { readonly name: string }>(
  read: Read,
  database: 'passwd' | 'group',
  parse: (fields: readonly string[]) => T | undefined,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const directory of directoriesOf(readNsswitch(read), database)) {
    for (const line of (read(`${directory}/${database}`) ?? '').split('\n')) {
      const entry = parse(line.split(':'))
      if (entry && !found.has(entry.name)) found.set(entry.name, entry)
    }
  }
  return found
}

/** Distributions that keep /etc for the administrator have theirs below /usr. */
const readNsswitch = (read: Read) => read('/etc/nsswitch.conf') ?? read('/usr/etc/nsswitch.conf') ?? ''

/** Without a line for the database the C library looks into `files` alone. Conditions in brackets are not weighed. */
function directoriesOf(nsswitch: string, database: string): readonly string[] {
  const line =
    nsswitch.split('\n').find((text) => text.trimStart().startsWith(`${database}:`)) ?? 'default: files'
  const names = line
    .slice(line.indexOf(':') + 1)
    .replace(/#.*/, '')
    .replace(/\[[^\]]*\]/g, ' ')
    .split(/\s+/)
  return [...new Set(names.flatMap((name) => services.get(name) ?? []))]
}

function parseUser([name, , uid, gid, gecos, home, shell]: readonly string[]): User | undefined {
  const ids = { uid: parseId(uid), gid: parseId(gid) }
  if (!isName(name) || ids.uid === undefined || ids.gid === undefined) return undefined
  return { name, uid: ids.uid, gid: ids.gid, gecos: gecos ?? '', home: home ?? '', shell: shell ?? '' }
}

function parseGroup([name, , id, members]: readonly string[]): Group | undefined {
  const gid = parseId(id)
  if (!isName(name) || gid === undefined) return undefined
  return { name, gid, members: (members ?? '').split(',').filter((member) => member !== '') }
}

/** Lines that begin with `+` or `-` are instructions of the compat service, not accounts. */
const isName = (name: string | undefined): name is string => name !== undefined && /^[^+\-#\s]/.test(name)

const parseId = (text: string | undefined) =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
