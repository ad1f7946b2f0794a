import { dirname } from 'node:path/posix'
import { IgnitionError } from '../../errors.ts'
import type { SectionContext } from '../../section.ts'
import type { User } from '../../system/system.ts'
import { fileFailure } from '../failure.ts'
import { mountedInHome } from './home.ts'
import { keyFileOf, keyFileText } from './key-file.ts'
import type { PasswdStep } from './plan.ts'

/** Distributions look for this record to tell whose keys were set: it is part of the interface. */
const keysWrittenId = '225067b87bbd4a0cb6ab151f82fa364b'

/** Does one step for an account; the account tools do all changes to the account files. */
export async function applyPasswd(context: SectionContext, step: PasswdStep): Promise<void> {
  switch (step.kind) {
    case 'account':
      return runAccountTool(context, step)
    case 'ownHome':
      return ownHome(context, userNamed(context, step.user))
    case 'writeKeys':
      return writeKeys(context, userNamed(context, step.user), step.keys)
  }
}

async function runAccountTool(
  { system, sysroot, written }: SectionContext,
  { program, args, what, name, newHome }: PasswdStep & { kind: 'account' },
): Promise<void> {
  const home = newHome === undefined ? undefined : sysroot.follow(newHome)
  try {
    // usermod renames the home and does not make what leads to the new one.
    const topmost = home === undefined ? undefined : sysroot.makeParents(home)
    if (topmost !== undefined) written.add(topmost)
    await system.run(program, args)
  } catch (cause) {
    const action = `set up ${what} ${JSON.stringify(name)}`
    throw fileFailure({ files: system.files, action, path: home ?? '/', cause })
  }
  sysroot.forget()
}

function userNamed({ sysroot }: SectionContext, name: string): User {
  const user = sysroot.user(name)
  if (user) return user
  throw new IgnitionError({
    code: 'FL_OWNER_UNKNOWN',
    message: `the new root does not know user ${JSON.stringify(name)} although the account was just set up; check its nsswitch.conf`,
  })
}

function ownHome(context: SectionContext, user: User): void {
  const { files } = context.system
  for (const { target } of mountedInHome(context, user)) {
    try {
      files.chown(target, user.uid, user.gid)
      files.chmod(target, 0o700)
    } catch (cause) {
      const action = `give ${JSON.stringify(target)} to user ${JSON.stringify(user.name)}`
      throw fileFailure({ files, action, path: target, cause })
    }
  }
}

function writeKeys(context: SectionContext, user: User, keys: readonly string[]): void {
  const { sysroot, system, written } = context
  const { files } = system
  const { uid, gid, name } = user
  const target = sysroot.resolve(keyFileOf(system, user))
  try {
    refuseForeignPlace(context, user, target)
    const topmost = makeUserDirectories(context, user, target)
    files.write(target, keyFileText(keys), { mode: 0o600, uid, gid })
    written.add(topmost ?? target)
  } catch (cause) {
    throw fileFailure({
      files,
      action: `write SSH keys of user ${JSON.stringify(name)}`,
      path: target,
      cause,
    })
  }
  system.journal({
    MESSAGE: `wrote ssh authorized keys file for user: ${name}`,
    PRIORITY: '6',
    MESSAGE_ID: keysWrittenId,
    IGNITION_USER_NAME: name,
    IGNITION_PATH: target,
  })
}

/**
 * A home that outlives the system, on a disk of its own, may hold links: root must not follow them to make the user
 * the owner of what the user could not have made.
 */
function refuseForeignPlace({ sysroot, system }: SectionContext, user: User, target: string): void {
  const top = sysroot.follow(user.home)
  if (user.uid === 0 || target.startsWith(`${top}/`)) return
  let directory = dirname(target)
  while (directory !== '/' && system.files.lstat(directory) === undefined) directory = dirname(directory)
  if (system.files.lstat(directory)?.uid === user.uid) return
  throw new IgnitionError({
    code: 'FL_PATH_ESCAPES',
    message: `a symbolic link below ${JSON.stringify(top)} leads to ${JSON.stringify(directory)}, which is not the user's`,
  })
}

/** The home and what is below is the user's alone; what leads to the home is everybody's. Returns the topmost made. */
function makeUserDirectories({ sysroot, system }: SectionContext, user: User, target: string) {
  const home = sysroot.follow(user.home)
  const topmost = sysroot.makeParents(home)
  const missing: string[] = []
  for (let path = dirname(target); system.files.lstat(path) === undefined; path = dirname(path))
    missing.push(path)
  for (const path of missing.toReversed())
    system.files.makeDirectory(path, { mode: 0o700, uid: user.uid, gid: user.gid })
  return topmost ?? missing.at(-1)
}
