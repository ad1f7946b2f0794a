import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  type Node,
  type Pair,
  Parser,
} from 'yaml'
import { Budget } from './budget.ts'
import type { YamlFault, YamlMap, YamlMember, YamlNode } from './node.ts'

/** Longest text that is read as YAML, in UTF-16 units: 8 Mi. Parsing takes about a second for each. */
const maximumLength = 8 * 1024 * 1024

/** Deepest nesting; the deepest field of a config is at 9. */
const maximumDepth = 64

type Outcome = { readonly kind: 'document'; readonly root: YamlNode } | YamlFault

/** Reads one YAML 1.2 document, with the merge keys of 1.1; scalars stay texts until a field says what they are. */
export function readDocument(text: string, budget: Budget = new Budget()): Outcome {
  try {
    return { kind: 'document', root: new Reader(budget).read(compose(text)) }
  } catch (error) {
    if (error instanceof Stop) return error.fault
    throw error
  }
}

class Stop extends Error {
  readonly fault: YamlFault
  constructor(rule: YamlFault['rule'], offset: number, message: string) {
    super(message)
    this.fault = { kind: 'fault', rule, offset, message }
  }
}

function compose(text: string): Document.Parsed {
  if (text.length > maximumLength)
    throw new Stop('YAML-LIMIT', 0, `YAML of more than ${maximumLength / 1024 / 1024} MiB is not read`)
  const tokens = [...new Parser().parse(text)]
  checkDepth(tokens)
  // duplicate keys are looked for below: the library compares each with each
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, keepSourceTokens: false })
  const [document, second] = [...composer.compose(tokens)]
  if (document === undefined) throw new Stop('YAML-SYNTAX', 0, 'there is no YAML document')
  const [error] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  if (error !== undefined) throw new Stop('YAML-SYNTAX', error.pos[0], wordsOf(error.message))
  if (second !== undefined)
    throw new Stop('YAML-SYNTAX', second.range[0], 'a second document begins here; a config is one document')
  return document
}

const wordsOf = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1)

/** Looks at the tokens without recursion: what is done with them later is recursive. */
function checkDepth(tokens: readonly CST.Token[]): void {
  const open: { token: CST.Token | null | undefined; depth: number }[] = tokens.map((token) => ({
    token: token.type === 'document' ? token.value : undefined,
    depth: 1,
  }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (token === null || token === undefined || !('items' in token)) continue
    if (depth > maximumDepth)
      throw new Stop('YAML-LIMIT', token.offset, `maps and lists are nested deeper than ${maximumDepth}`)
    for (const { key, value } of token.items) {
      open.push({ token: key, depth: depth + 1 }, { token: value, depth: depth + 1 })
    }
  }
}

type LibraryPair = Pair<Node | null, Node | null>

class Reader {
  readonly #budget: Budget
  /** Undefined while the value is being read: an alias to it would have no end. */
  readonly #anchors = new Map<string, YamlNode | undefined>()

  constructor(budget: Budget) {
    this.#budget = budget
  }

  read(document: Document.Parsed): YamlNode {
    return this.#node(document.contents, 0)
  }

  #node(node: Node | null, at: number): YamlNode {
    const offset = node?.range?.[0] ?? at
    if (node === null) return { kind: 'scalar', text: '', plain: true, offset }
    if (isAlias(node)) return this.#aliased(node.source, offset)
    this.#checkTag(node.tag, offset)
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, undefined)
    const read = this.#value(node, offset)
    if (anchor !== undefined) this.#anchors.set(anchor, read)
    return read
  }

  #value(node: Node, offset: number): YamlNode {
    if (isScalar(node)) {
      const plain = node.type === 'PLAIN' && node.tag !== 'tag:yaml.org,2002:str'
      return { kind: 'scalar', text: node.source ?? '', plain, offset }
    }
    if (isMap(node)) return this.#map(node.items as LibraryPair[], offset)
    const items = (node as unknown as { items: (Node | null)[] }).items
    return { kind: 'list', items: items.map((item) => this.#node(item, offset)), offset }
  }

  #aliased(name: string, offset: number): YamlNode {
    const target = this.#anchors.get(name)
    if (target !== undefined) return target
    const reason = this.#anchors.has(name)
      ? 'stands within what it names'
      : 'names nothing that stands above it'
    throw new Stop('YAML-SYNTAX', offset, `the alias *${name} ${reason}`)
  }

  #map(pairs: readonly LibraryPair[], offset: number): YamlMap {
    const members = new Map<string, YamlMember>()
    const inherited: YamlNode[] = []
    for (const { key, value } of pairs) {
      const at = key?.range?.[0] ?? offset
      const name = this.#node(key, at)
      if (name.kind !== 'scalar') throw new Stop('YAML-SYNTAX', at, 'a key must be a word, not a map or list')
      const member = this.#node(value, key?.range?.[1] ?? at)
      if (name.text === '<<' && name.plain)
        inherited.push(...(member.kind === 'list' ? member.items : [member]))
      else if (members.has(name.text))
        throw new Stop('YAML-SYNTAX', at, `the key "${name.text}" is there twice`)
      else members.set(name.text, { offset: at, value: member })
    }
    for (const source of inherited) this.#inherit(members, source)
    return { kind: 'map', members, offset }
  }

  /** A key of the map itself, or of an earlier source, wins. */
  #inherit(members: Map<string, YamlMember>, source: YamlNode): void {
    if (source.kind !== 'map') throw new Stop('YAML-SYNTAX', source.offset, 'the merge key << takes maps')
    if (!this.#budget.spend(0, source.members.size))
      throw new Stop('YAML-LIMIT', source.offset, 'merge keys make the document too large')
    for (const [name, member] of source.members) if (!members.has(name)) members.set(name, member)
  }

  #checkTag(tag: string | undefined, offset: number): void {
    if (tag === undefined || knownTags.has(tag)) return
    const shown = tag.replace('tag:yaml.org,2002:', '!!')
    throw new Stop('YAML-SYNTAX', offset, `the tag ${shown} is not supported; leave it out`)
  }
}

/** Tags that only say what the value is anyway. */
const knownTags = new Set(
  ['str', 'int', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
)
