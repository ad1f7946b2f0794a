import {
  addItems,
  at,
  type Branch,
  branchesAt,
  grow,
  mapBranches,
  type Origin,
  type SeedObject,
  textAt,
} from './tree.ts'

type NodeList = 'files' | 'directories' | 'links'

/** Where in the config a path of the new root is described; undefined when it is not. */
export function findNode(config: Branch, path: string): { list: NodeList; node: Branch } | undefined {
  for (const list of ['files', 'directories', 'links'] as const) {
    const node = branchesAt(config, 'storage', list).find((item) => textAt(item, 'path') === path)
    if (node !== undefined) return { list, node }
  }
  return undefined
}

interface Wish {
  readonly list: NodeList
  readonly path: string
  readonly from: Origin
  /** Members of the node; what it has already stays. */
  readonly members: SeedObject
}

/** Adds a file, directory or link, or fills in one of the config; undefined when the path is taken. */
export function addNode(config: Branch, { list, path, from, members }: Wish): Branch | undefined {
  const known = findNode(config, path)
  const wished = grow(members, from)
  if (known === undefined) return addItems(config, ['storage', list], [grow({ path, ...members }, from)])
  if (known.list !== list || list === 'directories' || isFilled(known.node)) return undefined
  return mapBranches(config, ['storage', list], (item) => (item === known.node ? fill(item, wished) : item))
}

/** Members of the node go over those of the wish, contents by contents. */
function fill(node: Branch, wished: Branch): Branch {
  const members = new Map([...wished.members, ...node.members])
  const contents = at(node, 'contents')
  const wishedContents = at(wished, 'contents')
  if (contents?.kind === 'branch' && wishedContents?.kind === 'branch')
    members.set('contents', {
      ...contents,
      members: new Map([...wishedContents.members, ...contents.members]),
    })
  return { ...node, members }
}

const isFilled = (node: Branch): boolean =>
  (textAt(node, 'contents', 'source') ?? '') !== '' || (textAt(node, 'target') ?? '') !== ''
