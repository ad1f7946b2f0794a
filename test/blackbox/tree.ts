import type { Stats } from 'node:fs'
import {
  chmod,
  chown,
  lchown,
  link,
  lstat,
  mkdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Entry, LinkEntry, Tree } from './case.ts'

/** Permission bits and setuid, setgid, sticky. */
const MODE_BITS = 0o7777

const pathOf = (top: string, { Directory = '/', Name = '' }: Entry) => join(top, Directory, Name)

/** Puts the entries of a case below `top`. */
export async function putTree(
  top: string,
  { Files = [], Directories = [], Links = [] }: Tree,
): Promise<void> {
  for (const directory of Directories) {
    const path = pathOf(top, directory)
    await mkdir(path, { recursive: true })
    await own(path, directory, 0o755)
  }
  for (const file of Files) {
    const path = pathOf(top, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, file.Contents ?? '')
    await own(path, file, 0o644)
  }
  for (const entry of Links) {
    const path = pathOf(top, entry)
    await mkdir(dirname(path), { recursive: true })
    if (entry.Hard) await link(join(top, entry.Target), path)
    else {
      await symlink(entry.Target, path)
      await lchown(path, entry.User ?? 0, entry.Group ?? 0)
    }
  }
}

async function own(path: string, { Mode, User = 0, Group = 0 }: Entry, otherwise: number): Promise<void> {
  await chown(path, User, Group)
  await chmod(path, Mode ?? otherwise)
}

/** What below `top` differs from the entries that a case expects, a sentence each. */
export async function compareTree(top: string, tree: Tree): Promise<string[]> {
  const { Files = [], Directories = [], Links = [], RemovedNodes = [] } = tree
  const problems: string[] = []
  for (const file of Files) {
    const found = await compareEntry(top, file, (stats) => stats.isFile() || 'is not a file')
    problems.push(...found)
    if (found.length === 0 && file.Contents) problems.push(...(await compareContents(top, file)))
  }
  for (const directory of Directories)
    problems.push(
      ...(await compareEntry(top, directory, (stats) => stats.isDirectory() || 'is not a directory')),
    )
  for (const entry of Links) problems.push(...(await compareLink(top, entry)))
  for (const entry of RemovedNodes)
    if (await exists(pathOf(top, entry))) problems.push(`${pathOf('/', entry)} is still there`)
  return problems
}

async function compareEntry(
  top: string,
  entry: Entry,
  isRight: (stats: Stats) => true | string,
): Promise<string[]> {
  const name = pathOf('/', entry)
  const { Mode = 0, User = 0, Group = 0 } = entry
  const stats = await lstat(pathOf(top, entry)).catch(() => undefined)
  if (stats === undefined) return [`${name} is missing`]
  const kind = isRight(stats)
  if (kind !== true) return [`${name} ${kind}`]
  const mode = stats.mode & MODE_BITS
  return [
    ...(Mode !== 0 && mode !== Mode ? [`${name} has mode ${octal(mode)}, not ${octal(Mode)}`] : []),
    ...(stats.uid !== User || stats.gid !== Group
      ? [`${name} belongs to ${stats.uid}:${stats.gid}, not ${User}:${Group}`]
      : []),
  ]
}

async function compareContents(top: string, file: Entry & { readonly Contents?: string }): Promise<string[]> {
  const contents = await readFile(pathOf(top, file), 'utf8')
  if (contents === file.Contents) return []
  return [`${pathOf('/', file)} holds ${JSON.stringify(contents)}, not ${JSON.stringify(file.Contents)}`]
}

async function compareLink(top: string, entry: LinkEntry): Promise<string[]> {
  const path = pathOf(top, entry)
  if (entry.Hard) {
    const [one, other] = await Promise.all(
      [path, join(top, entry.Target)].map((at) => lstat(at).catch(() => undefined)),
    )
    return one !== undefined && one.ino === other?.ino
      ? []
      : [`${pathOf('/', entry)} is not the same as ${entry.Target}`]
  }
  const problems = await compareEntry(
    top,
    entry,
    (stats) => stats.isSymbolicLink() || 'is not a symbolic link',
  )
  if (problems.length > 0) return problems
  const target = await readlink(path)
  return target === entry.Target ? [] : [`${pathOf('/', entry)} leads to ${target}, not ${entry.Target}`]
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`
}
