import { embed } from './embed.ts'
import { type Expansion, localPath } from './expansion.ts'
import type { LocalNode } from './local.ts'
import { addNode, findNode } from './nodes.ts'
import { at, type Branch, branchesAt, replaceAt, type Tree, textAt, valueAt } from './tree.ts'

/** Files in a tree, before their own modes: 0755 when they may be executed, else 0644. */
const executableMode = 0o755
const fileMode = 0o644
const directoryMode = 0o755

/** Embeds the local directories of `storage.trees`. */
export function embedTrees(config: Branch, expansion: Expansion): Branch {
  const trees = branchesAt(config, 'storage', 'trees')
  let grown = replaceAt(config, ['storage', 'trees'], () => undefined)
  for (const tree of trees) grown = embedTree(grown, tree, expansion)
  return grown
}

function embedTree(config: Branch, tree: Branch, expansion: Expansion): Branch {
  const local = at(tree, 'local')
  if (local === undefined || textAt(local) === '') {
    expansion.findings.add('BU-TREE', tree.from, 'local is needed: the directory')
    return config
  }
  const root = localPath(expansion, textAt(local) ?? '', local.from, 'BU-TREE')
  if (root === undefined || expansion.local === undefined) return config
  const walk = expansion.local.walk(root)
  if (walk.kind === 'fault') {
    expansion.findings.add('BU-TREE', local.from, walk.reason)
    return config
  }
  let grown = config
  for (const node of walk.nodes) {
    const next = embedNode(grown, { node, tree, root, from: local.from }, expansion)
    if (typeof next === 'string') {
      expansion.findings.add('BU-TREE', local.from, `${node.path}: ${next}`)
      return grown
    }
    grown = next
  }
  return grown
}

interface Found {
  readonly node: LocalNode
  readonly tree: Branch
  /** The tree's directory, clean. */
  readonly root: string
  readonly from: Tree['from']
}

/** The config with the node, or why it cannot have it. */
function embedNode(config: Branch, found: Found, expansion: Expansion): Branch | string {
  const { node, tree, from } = found
  const path = targetOf(textAt(tree, 'path') ?? '/', node.path)
  const { user, group } = { user: at(tree, 'user'), group: at(tree, 'group') }
  const owner = { ...(user && { user }), ...(group && { group }) }
  switch (node.kind) {
    case 'other':
      return 'a tree has only files, directories and symbolic links'
    case 'directory': {
      const mode = valueAt(tree, 'dirMode')
      if (path === '/' || (mode === undefined && user === undefined && group === undefined)) return config
      return (
        addNode(config, {
          list: 'directories',
          path,
          from,
          members: { ...owner, mode: mode ?? directoryMode },
        }) ?? taken
      )
    }
    case 'link':
      return (
        addNode(config, { list: 'links', path, from, members: { ...owner, target: node.target } }) ?? taken
      )
    case 'file':
      return embedFile(config, { ...found, node, path, owner }, expansion)
  }
}

const taken = 'the config describes the same path in another way'

interface FoundFile extends Found {
  readonly node: Extract<LocalNode, { kind: 'file' }>
  readonly path: string
  readonly owner: { readonly [name: string]: Tree }
}

function embedFile(
  config: Branch,
  { node, tree, root, from, path, owner }: FoundFile,
  expansion: Expansion,
): Branch | string {
  const read = expansion.local?.read(root === '' ? node.path : `${root}/${node.path}`)
  if (read?.kind !== 'bytes') return read?.reason ?? 'it cannot be read'
  const known = findNode(config, path)?.node
  const packed = (textAt(known, 'contents', 'compression') ?? '') !== ''
  const { source, compression } = embed(read.bytes, expansion, packed)
  const mode = valueAt(tree, 'fileMode') ?? (node.executable ? executableMode : fileMode)
  const members = { ...(known === undefined ? owner : {}), contents: { compression, source }, mode }
  return addNode(config, { list: 'files', path, from, members }) ?? taken
}

function targetOf(base: string, path: string): string {
  const parts = `${base}/${path}`.split('/').filter((part) => part !== '' && part !== '.')
  return `/${parts.join('/')}`
}
