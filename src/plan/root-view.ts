import { IgnitionError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { createSysroot } from '../system/sysroot.ts'
import type { Files, NodeStat, Sysroot, System } from '../system/system.ts'
import type { Machine } from './machine.ts'

/** Paths of the new root that will be another filesystem than what can be seen there now. */
interface Covered {
  /** Absolute on the machine. */
  readonly target: string
}

export interface RootViewOptions {
  readonly system: System
  /** Where the root can be seen, without a trailing slash; undefined when it cannot. */
  readonly root: string | undefined
  /** Accounts to go by when the root cannot be seen. */
  readonly accounts: Machine['root']
  readonly covered: readonly Covered[]
  readonly config: Config
}

export interface RootView {
  readonly system: System
  /** With the accounts as they will be. */
  readonly sysroot: Sysroot
  /** With the accounts as they are. */
  readonly present: Sysroot
}

/** A System that only looks: at the root that there is, or at none; and the accounts as they will be. */
export function viewRoot(options: RootViewOptions): RootView {
  const { system, root, accounts, covered } = options
  const files = root === undefined ? describedFiles(accounts) : lookingOnly(system.files, covered)
  const present = createSysroot(files, root ?? '')
  const sysroot = withAccounts(present, options)
  return {
    system: { ...system, log: () => undefined, files, run: lookingRun(system, root) },
    sysroot,
    present,
  }
}

function refuse(): never {
  throw new IgnitionError({ code: 'FL_INTERNAL', message: 'a plan does not write' })
}

/** Every verb that writes. */
const refusals = {
  create: refuse,
  write: refuse,
  writeDurably: refuse,
  append: refuse,
  makeDirectory: refuse,
  symlink: refuse,
  hardLink: refuse,
  chown: refuse,
  chmod: refuse,
  rename: refuse,
  remove: refuse,
  shred: refuse,
  removeDirectory: refuse,
  makeTemporaryDirectory: refuse,
  lock: refuse,
  sync: refuse,
} satisfies Partial<Files>

const directory: NodeStat = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  device: 0n,
  inode: 0n,
}

/** What a filesystem that is not mounted yet will hold is not to be seen in the directory below it. */
function lookingOnly(files: Files, covered: readonly Covered[]): Files {
  const isIn = (path: string) => covered.some(({ target }) => path.startsWith(`${target}/`))
  const isAt = (path: string) => covered.some(({ target }) => path === target)
  const look = (verb: 'lstat' | 'stat') => (path: string) => {
    if (isIn(path)) return undefined
    return files[verb](path) ?? (isAt(path) ? directory : undefined)
  }
  return { ...files, ...refusals, lstat: look('lstat'), stat: look('stat'), readText: readable(files) }
}

/** What only root may read (hashes) counts as empty for others: then it differs from everything. */
const readable = (files: Files) => (path: string) => {
  try {
    return files.readText(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return ''
    throw error
  }
}

/** A root of which only the accounts are known. */
function describedFiles(accounts: Machine['root']): Files {
  const texts = new Map<string, string>()
  if (accounts) {
    const users = accounts.users.map(({ name, uid, gid, gecos, home, shell }) =>
      [name, 'x', uid, gid, gecos, home, shell].join(':'),
    )
    const groups = accounts.groups.map(({ name, gid, members }) =>
      [name, 'x', gid, members.join(',')].join(':'),
    )
    texts.set('/etc/passwd', users.join('\n'))
    texts.set('/etc/group', groups.join('\n'))
  }
  const stat = (path: string): NodeStat | undefined =>
    texts.has(path) ? { ...directory, type: 'file', mode: 0o644 } : undefined
  const missing = (path: string): never => {
    throw Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' })
  }
  return {
    ...refusals,
    lstat: stat,
    stat,
    readText: (path) => texts.get(path) ?? missing(path),
    read: missing,
    readAt: missing,
    list: missing,
    readlink: missing,
    modifiedAt: missing,
    freeBytes: missing,
  }
}

/** Of all programs only the question whether a unit is enabled; without a root it is not. */
const lookingRun =
  (system: System, root: string | undefined): System['run'] =>
  async (program, args, options) => {
    if (root === undefined) return { exitCode: 1, stdout: '', stderr: '' }
    if (program === 'systemctl' && args.includes('is-enabled')) return system.run(program, args, options)
    return refuse()
  }

/** Stands for an id that is drawn when the account is made: nothing that is there has it. */
const drawnId = -1

/** The accounts that the passwd section will have made. A root that cannot be seen may have any. */
function withAccounts(sysroot: Sysroot, { config: { passwd }, root, accounts }: RootViewOptions): Sysroot {
  const isKnown = root !== undefined || accounts !== undefined
  const idOf = (id: number | bigint | undefined) => (id === undefined ? drawnId : Number(id))
  const group: Sysroot['group'] = (name) => {
    const asked = passwd.groups.find((each) => each.name === name)
    if (asked?.shouldExist === false) return undefined
    const found = sysroot.group(name)
    if (found) return asked?.gid === undefined ? found : { ...found, gid: Number(asked.gid) }
    const own = passwd.users.find((each) => each.name === name && each.shouldExist !== false)
    const isMade = asked !== undefined || (own !== undefined && own.noUserGroup !== true)
    return isMade || !isKnown ? { name, gid: idOf(asked?.gid), members: [] } : undefined
  }
  const user: Sysroot['user'] = (name) => {
    const asked = passwd.users.find((each) => each.name === name)
    if (asked?.shouldExist === false) return undefined
    const found = sysroot.user(name)
    const { uid, homeDir } = asked ?? {}
    if (found)
      return { ...found, ...(uid !== undefined && { uid: Number(uid) }), home: homeDir || found.home }
    if (!asked && isKnown) return undefined
    const home = homeDir || `/home/${name}`
    return { name, uid: idOf(uid), gid: drawnId, gecos: '', home, shell: '' }
  }
  return { ...sysroot, user, group }
}
