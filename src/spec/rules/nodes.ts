import type { Config, ConfigDirectory, ConfigFile, ConfigLink } from '../config.ts'
import type { RuleId } from './catalogue.ts'
import { type Add, type Check, check, isSet, type Scope } from './check.ts'
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

/** What stands below a link, hard ones too. Compared as text, as the reference does: `/` is above nothing. */
function lookBelowLinks(storage: Storage, add: Add, list: 'directories' | 'files' | 'links'): void {
  const rules = { directories: 'DIR-UNDER-LINK', files: 'FILE-UNDER-LINK', links: 'LINK-UNDER-LINK' } as const
  const links = countLinks(storage.links)
  if (links.size === 0) return
  for (const [index, { path }] of storage[list].entries()) {
    for (const link of linksAbove(path, links)) add(rules[list], [list, index], `the link ${link}`)
  }
}

/** Path of a link → how many links have it. */
function countLinks(links: Storage['links']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { path } of links) counts.set(path, (counts.get(path) ?? 0) + 1)
  return counts
}

function linksAbove(path: string, links: ReadonlyMap<string, number>): readonly string[] {
  const found: string[] = []
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const above = path.slice(0, slash)
    for (let count = links.get(above) ?? 0; count > 0; count--) found.push(above)
  }
  return found
}

function lookAtLinks(storage: Storage, add: Add, { since }: Scope): void {
  lookBelowLinks(storage, add, 'links')
  const directories = new Set(storage.directories.map(({ path }) => path))
  for (const [index, link] of storage.links.entries()) {
    if (since('3.3.0') && !isSet(link.target)) {
      add('LINK-TARGET', ['links', index, 'target'])
      continue
    }
    if (link.hard !== true) continue
    if (directories.has(hardTarget(link))) add('LINK-HARD-DIR', ['links', index])
    for (const [part, name] of ownerFields) {
      if (link[part][name] !== undefined) add('LINK-HARD-OWNER', ['links', index, part, name])
    }
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

const hasSpecialBits = (mode: number | bigint): boolean => (BigInt.asUintN(32, BigInt(mode)) & 0o7000n) !== 0n

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
  check('storage', (storage, add) => lookBelowLinks(storage, add, 'directories')),
  check('storage', (storage, add) => lookBelowLinks(storage, add, 'files')),
  check('storage', lookAtLinks),
  check('storage.directories[]', lookAtNode),
  check('storage.files[]', lookAtFile),
  check('storage.links[]', ({ path }, add) => lookAtPath(path, add, ['path'])),
  ...owners,
]
