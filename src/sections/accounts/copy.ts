import type { SectionContext } from '../../section.ts'
import type { Files, NodeStat } from '../../system/system.ts'
import { fileFailure } from '../failure.ts'

export interface AccountsFacts {
  /** On the machine. */
  readonly directory: string
  /** Whether an earlier run has left its copy. */
  readonly kept: boolean
}

export interface AccountsStep {
  readonly kind: 'keep' | 'restore'
  readonly directory: string
}

/** Where the copy is, in the new root; root's alone. */
export const copyDirectory = '/etc/.firstlight-accounts'

/** What account tools change: passwd(5), shadow(5), group(5), gshadow(5), subuid(5), subgid(5). */
const accountFiles = ['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid'] as const

/** Homes of the config's users that were there before. */
const homesFile = 'homes'

/** The name of the copy in the journal of steps: one that is left from another first boot is none. */
export const copyClaim = 'accounts'

export function observeAccounts({ sysroot, system, earlier }: SectionContext): AccountsFacts {
  const directory = sysroot.resolve(copyDirectory)
  const isThere = system.files.lstat(directory)?.type === 'directory'
  return { directory, kept: isThere && earlier.look(copyClaim).kind === 'begun' }
}

/** Copies under another name first: a copy that is there is whole. */
export function keepAccounts(context: SectionContext): void {
  const { sysroot, system } = context
  const { files } = system
  const directory = sysroot.resolve(copyDirectory)
  const unfinished = `${directory}.new`
  try {
    sysroot.makeParents(directory)
    files.remove(unfinished)
    files.makeDirectory(unfinished, { mode: 0o700 })
    for (const name of accountFiles) {
      const found = accountFile(context, name)
      if (found) files.write(`${unfinished}/${name}`, files.read(found.path), found.stat)
    }
    files.write(`${unfinished}/${homesFile}`, JSON.stringify(homesThere(context)), { mode: 0o600 })
    files.sync(unfinished)
    removeCopy(files, directory)
    files.rename(unfinished, directory)
    files.sync(directory)
  } catch (cause) {
    throw fileFailure({ files, action: 'keep a copy of the account files', path: directory, cause })
  }
}

const overPath = (directory: string) => `${directory}.over`

/** Whether there is something that `removeCopy` would remove. */
export const hasCopy = (files: Files, directory: string) =>
  [directory, overPath(directory)].some((path) => files.lstat(path) !== undefined)

/** Under another name first: half a copy must not pass for one. */
export function removeCopy(files: Files, directory: string): void {
  files.remove(overPath(directory))
  if (files.lstat(directory)) files.rename(directory, overPath(directory))
  files.remove(overPath(directory))
}

interface AccountFile {
  readonly path: string
  readonly stat: NodeStat
}

function accountFile({ sysroot, system }: SectionContext, name: string): AccountFile | undefined {
  const path = sysroot.follow(`/etc/${name}`)
  const stat = system.files.lstat(path)
  return stat?.type === 'file' ? { path, stat } : undefined
}

/** Where the account tools put a home that the config does not name, by the new root's own default: useradd(8). */
function homeOf(
  { sysroot, system }: SectionContext,
  user: { name: string; homeDir?: string | undefined },
): string {
  if (user.homeDir) return user.homeDir
  const path = sysroot.follow('/etc/default/useradd')
  const text = system.files.stat(path)?.type === 'file' ? system.files.readText(path) : ''
  return `${/^HOME=(.+)$/m.exec(text)?.[1] ?? '/home'}/${user.name}`
}

function homesThere(context: SectionContext): readonly string[] {
  const { config, sysroot, system } = context
  return config.passwd.users
    .map((user) => homeOf(context, user))
    .filter((home) => system.files.lstat(sysroot.follow(home)) !== undefined)
}

/** The account files as they were; homes that have been made since go, so that they are made whole. */
export function restoreAccounts(context: SectionContext): void {
  const { sysroot, system } = context
  const { files } = system
  const directory = sysroot.resolve(copyDirectory)
  try {
    removeNewHomes(context, directory)
    removeLocks(context)
    for (const name of accountFiles) restore(context, directory, name)
  } catch (cause) {
    throw fileFailure({ files, action: 'go back to the account files of before', path: directory, cause })
  }
  sysroot.forget()
}

/** What a tool that was cut off leaves beside an account file: `passwd.lock`, `passwd.1234`, `passwd+`. */
const leftover = new RegExp(`^(${accountFiles.join('|')})(\\.lock|\\.\\d+|\\+)$`)

/** A lock names a process of a boot that is over, and any process may have that number now. */
function removeLocks({ sysroot, system }: SectionContext): void {
  const directory = sysroot.follow('/etc')
  for (const name of system.files.list(directory))
    if (leftover.test(name)) system.files.remove(`${directory}/${name}`)
}

function restore(context: SectionContext, directory: string, name: string): void {
  const { sysroot, system } = context
  const { files } = system
  const copy = `${directory}/${name}`
  const stat = files.lstat(copy)
  const target = sysroot.follow(`/etc/${name}`)
  if (stat) files.write(target, files.read(copy), stat)
  else files.remove(target)
}

function removeNewHomes(context: SectionContext, directory: string): void {
  const { config, sysroot, system, state } = context
  const before = JSON.parse(system.files.readText(`${directory}/${homesFile}`)) as readonly string[]
  const mounted = new Set(state.notatedDirectories.map((path) => sysroot.follow(path)))
  for (const user of config.passwd.users) {
    const home = homeOf(context, user)
    const target = sysroot.follow(home)
    const isNew = !before.includes(home) && !wasThere(context, directory, user.name)
    if (!isNew || mounted.has(target) || system.files.lstat(target)?.type !== 'directory') continue
    system.files.remove(target)
  }
}

/** Whether the copy has the user: whose home it was, it has stayed. */
function wasThere({ system }: SectionContext, directory: string, user: string): boolean {
  const copy = `${directory}/passwd`
  return (
    system.files.lstat(copy) !== undefined &&
    system.files
      .readText(copy)
      .split('\n')
      .some((line) => line.startsWith(`${user}:`))
  )
}
