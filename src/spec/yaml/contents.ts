import { embed } from './embed.ts'
import { type Expansion, readLocal, readLocalText } from './expansion.ts'
import { at, type Branch, grow, mapBranches, type Tree, textAt, withMembers } from './tree.ts'

const encoder = new TextEncoder()

/** Sugar that is expanded elsewhere. */
const elsewhere = new Set(['storage.trees', 'systemd.quadlets'])

/** Turns `inline` and `local` of all resources into data URLs. */
export const embedContents = (config: Branch, expansion: Expansion): Branch =>
  embedBelow(config, '', expansion) as Branch

function embedBelow(tree: Tree, place: string, expansion: Expansion): Tree {
  if (elsewhere.has(place) || tree.kind === 'leaf') return tree
  if (tree.kind === 'row')
    return { ...tree, items: tree.items.map((item) => embedBelow(item, place, expansion)) }
  if (tree.members.has('inline') || tree.members.has('local')) return embedResource(tree, place, expansion)
  const members = [...tree.members].map(
    ([name, member]) =>
      [name, embedBelow(member, place === '' ? name : `${place}.${name}`, expansion)] as const,
  )
  return { ...tree, members: new Map(members) }
}

function embedResource(resource: Branch, place: string, expansion: Expansion): Branch {
  const given = ['inline', 'local', 'source'].flatMap((name) => resource.members.get(name) ?? [])
  const [, second] = given
  const bare = withMembers(resource, { inline: undefined, local: undefined })
  if (second !== undefined) {
    expansion.findings.add('BU-SOURCES', second.from, 'inline, local, source')
    return bare
  }
  const inline = at(resource, 'inline')
  const from = (inline ?? at(resource, 'local') ?? resource).from
  const bytes =
    inline === undefined
      ? readLocal(expansion, textAt(resource, 'local') ?? '', from)
      : encoder.encode(textAt(resource, 'inline'))
  if (bytes === undefined) return bare
  const packed = (textAt(resource, 'compression') ?? '') !== ''
  if (place.startsWith('ignition.config.') && !packed) expansion.configs.push({ bytes, from })
  const { source, compression } = embed(bytes, expansion, packed)
  return withMembers(bare, {
    source: grow(source, from),
    ...(compression === undefined ? {} : { compression: grow(compression, from) }),
  })
}

/** Reads `contents_local` of units and drop-ins. */
export function embedUnits(config: Branch, expansion: Expansion): Branch {
  const embedOne = (unit: Branch): Branch => {
    const contents = localContents(unit, expansion)
    return withMembers(unit, {
      contentsLocal: undefined,
      ...(contents === undefined ? {} : { contents }),
    })
  }
  const withUnits = mapBranches(config, ['systemd', 'units'], embedOne)
  return mapBranches(withUnits, ['systemd', 'units', 'dropins'], embedOne)
}

/** What `contents_local` names; undefined when it is not there or wrong. */
function localContents(unit: Branch, expansion: Expansion): Tree | undefined {
  const local = at(unit, 'contentsLocal')
  const path = textAt(local)
  if (local === undefined || path === undefined || path === '') return undefined
  if (hasBothContents(unit, expansion)) return undefined
  const text = readLocalText(expansion, path, local.from)
  return text === undefined ? undefined : grow(text, local.from)
}

/** Whether there is more than one text, which is a finding. */
export function hasBothContents(unit: Branch, { findings }: Expansion): boolean {
  const local = at(unit, 'contentsLocal')
  if (local === undefined || at(unit, 'contents') === undefined) return false
  findings.add('BU-SOURCES', local.from, 'contents, contents_local')
  return true
}

/** Reads the keys of `ssh_authorized_keys_local`, one a line. */
export const embedKeys = (config: Branch, expansion: Expansion): Branch =>
  mapBranches(config, ['passwd', 'users'], (user) => {
    const local = at(user, 'sshAuthorizedKeysLocal')
    if (local?.kind !== 'row') return user
    const keys = local.items.flatMap((item) => {
      const text = readLocalText(expansion, textAt(item) ?? '', item.from) ?? ''
      const lines = text.split(/\r?\n/).filter((line) => line !== '')
      return lines.map((line) => grow(line, item.from))
    })
    const before = at(user, 'sshAuthorizedKeys')
    const items = [...(before?.kind === 'row' ? before.items : []), ...keys]
    return withMembers(user, {
      sshAuthorizedKeysLocal: undefined,
      sshAuthorizedKeys: { kind: 'row', items, from: before?.from ?? local.from },
    })
  })
