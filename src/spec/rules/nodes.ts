import { isSet } from '../../secret.ts'
import type { Config, ConfigDirectory, ConfigFile, ConfigLink } from '../config.ts'
import type { RuleId } from './catalogue.ts'
import { type Add, type Check, check, type Scope } from './check.ts'
import { cleanPath, lookAtPath } from './paths.ts'

type Storage = Config['storage']

const unitDirectory = '/etc/systemd/system'

/** Contents of units and of files must not be written to one path. */
function lookForUnitPaths({ storage, systemd }: Config, add: Add): void {
  const taken = new Set<string>()
  for (const unit of systemd.units) {
    if (isSet(unit.contents)) taken.add(`${unitDirectory}/${unit.name}`)
    for (const dropin of unit.dropins) {
      if (isSet(dropin.contents)) taken.add(`${unitDirectory}/${unit.name}.d/${dropin.name}`)
    }
  }
  if (taken.size === 0) return
  for (const list of ['files', 'directories', 'links'] as const) {
    for (const [index, node] of storage[list].entries()) {
      if (taken.has(node.path)) add('SYSTEMD-PATH', ['storage', list, index, 'path'])
    }
  }
}

const belowLink = {
  directories: 'DIR-UNDER-LINK',
  files: 'FILE-UNDER-LINK',
  links: 'LINK-UNDER-LINK',
} as const

/** Directories and files that stand below a link; the links themselves have their turn later. */
function lookBelowLinks(storage: Storage, add: Add): void {
  const links = countPaths(storage.links)
  if (links.counts.size === 0) return
  for (const list of ['directories', 'files'] as const) {
    for (const [index, { path }] of storage[list].entries()) {
      for (const link of linksAbove(path, links)) add(belowLink[list], [list, index], link)
    }
  }
}

interface PathCounts {
  /** Path → how many have it. */
  readonly counts: ReadonlyMap<string, number>
  readonly lengths: ReadonlySet<number>
}

function countPaths(nodes: readonly { readonly path: string }[]): PathCounts {
  const counts = new Map<string, number>()
  for (const { path } of nodes) counts.set(path, (counts.get(path) ?? 0) + 1)
  return { counts, lengths: new Set([...counts.keys()].map((path) => path.length)) }
}

/** Links above a path, hard ones too. Compared as text, as the reference does: `/` is above nothing. */
function linksAbove(path: string, { counts, lengths }: PathCounts): readonly string[] {
  const found: string[] = []
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (!lengths.has(slash)) continue
    const above = path.slice(0, slash)
    for (let count = counts.get(above) ?? 0; count > 0; count--) found.push(above)
  }
  return found
}

function lookAtLinks(storage: Storage, add: Add, { since }: Scope): void {
  const links = countPaths(storage.links)
  const directories = countPaths(storage.directories)
  for (const [index, link] of storage.links.entries()) {
    for (const above of linksAbove(link.path, links)) add(belowLink.links, ['links', index], above)
    if (since('3.3.0') && !isSet(link.target)) add('LINK-TARGET', ['links', index, 'target'])
    else if (link.hard === true)
      lookAtHardLink(link, (rule, at) => add(rule, ['links', index, ...at]), directories)
  }
}

function lookAtHardLink(link: ConfigLink, add: Add, directories: PathCounts): void {
  for (let count = directories.counts.get(hardTarget(link)) ?? 0; count > 0; count--) add('LINK-HARD-DIR', [])
  for (const [part, name] of ownerFields) {
    if (link[part][name] !== undefined) add('LINK-HARD-OWNER', [part, name])
  }
}

const ownerFields = [
  ['user', 'id'],
  ['user', 'name'],
  ['group', 'id'],
  ['group', 'name'],
] as const

/** A relative target goes on from the link's own path, as the reference has it. */
function hardTarget({ path, target = '' }: ConfigLink): string {
  const clean = cleanPath(target)
  return clean.startsWith('/') ? clean : cleanPath(`${path}/${clean}`)
}

function lookAtNode({ path, mode }: ConfigFile | ConfigDirectory, add: Add): void {
  lookAtPath(path, add, ['path'])
  if (mode === undefined) return
  if (mode < 0 || mode > 0o7777) add('MODE-RANGE', ['mode'])
  if (hasSpecialBits(mode)) add('MODE-SPECIAL', ['mode'])
}

const hasSpecialBits = (mode: number | bigint): boolean =>
  typeof mode === 'number' ? (mode & 0o7000) !== 0 : (mode & 0o7000n) !== 0n

function lookAtFile(file: ConfigFile, add: Add): void {
  lookAtNode(file, add)
  if (file.overwrite === true && file.contents.source === undefined) add('OVERWRITE-NO-SOURCE', ['overwrite'])
}

function lookAtOwner({ id, name }: ConfigFile['user'], add: Add): void {
  if (id !== undefined && isSet(name)) add('OWNER-BOTH' satisfies RuleId, [])
}

const owners = (['directories', 'files', 'links'] as const).flatMap((list) => [
  check(`storage.${list}[].group`, lookAtOwner),
  check(`storage.${list}[].user`, lookAtOwner),
])

export const nodeChecks: readonly Check[] = [
  check('', lookForUnitPaths),
  check('storage', lookBelowLinks),
  check('storage', lookAtLinks),
  check('storage.directories[]', lookAtNode),
  check('storage.files[]', lookAtFile),
  check('storage.links[]', ({ path }, add) => lookAtPath(path, add, ['path'])),
  ...owners,
]
