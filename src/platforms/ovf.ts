/** Namespace of an OVF environment: DSP0243, section 9.5. */
const namespace = 'http://schemas.dmtf.org/ovf/environment/1'

interface Element {
  /** With its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** Prefix → namespace, in force here; the default one under the empty prefix. */
  readonly namespaces: ReadonlyMap<string, string>
  /** Names of the elements around it, outermost first, each with its namespace: `{uri}local`. */
  readonly path: readonly string[]
  readonly start: number
  /** Behind its end tag. */
  readonly end: number
}

/** What does not end goes to the end of the document: looked for from each place anew, it would take for ever. */
const tag =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<[?!][^>]*(?:>|$)|<(\/?)([^\s/<>]+)((?:\s+[^\s=/<>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g

/** Properties of an OVF environment by key, whatever the prefixes; the last of a name counts. Throws when it is no XML. */
export function parseOvfProperties(xml: string): ReadonlyMap<string, string> {
  const found = elementsOf(xml)
    .filter(({ name, path }) => localName(name) === 'Property' && path.length === 3)
    .filter(({ path }) => path[1]?.endsWith('}PropertySection'))
    .map(({ attributes }) => {
      const local = new Map([...attributes].map(([name, value]) => [localName(name), value]))
      return [local.get('key') ?? '', local.get('value') ?? ''] as const
    })
  return new Map(found)
}

/**
 * The document without the named properties; all other bytes stay. Both the elements and the attribute `key` must be
 * in the namespace of OVF.
 */
export function removeOvfProperties(xml: string, keys: readonly string[]): string {
  const section = [`{${namespace}}Environment`, `{${namespace}}PropertySection`]
  const doomed = elementsOf(xml).filter(({ attributes, namespaces, path }) => {
    if (path.length !== 3 || section.some((name, depth) => path[depth] !== name)) return false
    if (!path[2]?.startsWith(`{${namespace}}`)) return false
    return [...attributes].some(([name, value]) => {
      const [prefix = '', local] = name.split(':')
      return local === 'key' && namespaces.get(prefix) === namespace && keys.includes(value)
    })
  })
  let kept = ''
  let from = 0
  for (const { start, end } of doomed.toSorted((a, b) => a.start - b.start)) {
    kept += xml.slice(from, start)
    from = end
  }
  return kept + xml.slice(from)
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** All elements of the root's tree. What follows the root is not looked at. */
function elementsOf(xml: string): readonly Element[] {
  const open: Element[] = []
  const elements: Element[] = []
  for (const match of xml.matchAll(tag)) {
    const [text, slash, name, attributeText = '', selfClosing] = match
    if (name === undefined) continue
    const end = match.index + text.length
    if (slash === '/') {
      const element = open.pop()
      if (element?.name !== name) throw new Error(`the end tag </${name}> is not where it belongs`)
      elements.push({ ...element, end })
    } else {
      const element = elementAt({ name, attributeText, start: match.index, end }, open.at(-1))
      if (selfClosing === '/') elements.push(element)
      else open.push(element)
    }
    if (open.length === 0) return elements
  }
  throw new Error(open.length === 0 ? 'there is no element' : `<${open.at(-1)?.name}> does not end`)
}

function elementAt(
  tagged: {
    readonly name: string
    readonly attributeText: string
    readonly start: number
    readonly end: number
  },
  parent: Element | undefined,
): Element {
  const { name, attributeText, start, end } = tagged
  const attributes = new Map<string, string>()
  for (const [, key = '', double, single] of attributeText.matchAll(
    /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  ))
    attributes.set(key, decodeEntities(double ?? single ?? ''))
  const namespaces = new Map(parent?.namespaces)
  for (const [key, value] of attributes) {
    if (key === 'xmlns') namespaces.set('', value)
    if (key.startsWith('xmlns:')) namespaces.set(key.slice('xmlns:'.length), value)
  }
  const prefix = name.includes(':') ? name.slice(0, name.indexOf(':')) : ''
  const path = [...(parent?.path ?? []), `{${namespaces.get(prefix) ?? ''}}${localName(name)}`]
  return { name, attributes, namespaces, path, start, end }
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? all
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : all
    },
  )
}
