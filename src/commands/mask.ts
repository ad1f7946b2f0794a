import { isOpenMember } from '../acquire/open-members.ts'

/** A key with its colon: `"path": `, `path: `. */
const keyPattern = String.raw`(?<quote>["']?)\b(?<key>[A-Za-z]\w*)\k<quote>\s*:(?=[\s"'[{|>\d-]|$)[ \t]*`

/** A string, or a list that begins on the line and has no objects. */
const quotedPattern = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|\[(?!\s*(?:[[{\]]|$))[^\]]*\]?`

/** Plain scalars of YAML: to the end of the line, or within braces to what ends an item. */
const plainPatterns = {
  block: String.raw`[^\s"'{[|>#][^\n]*?(?=\s#|$)`,
  flow: String.raw`[^\s"'{}[\]|>#,](?:[^,{}[\]#]|(?<=\S)#)*`,
}

const memberIn = (plainPattern: string): RegExp =>
  new RegExp(`${keyPattern}(?<value>${quotedPattern}|${plainPattern}|)`, 'g')

const blockMember = memberIn(plainPatterns.block)
const flowMember = memberIn(plainPatterns.flow)

/** Whether a line has more than one member and its value, maybe: it begins with a brace or in quotes. */
const isFlow = (line: string): boolean => /^\s*(?:- +)*["']?(?:\w+["']?\s*:\s*)?[[{"]/.test(line)

const urlPatterns: readonly RegExp[] = [
  // what is inline
  /(?<=\bdata:[^,"'\s]{0,200},)[^"'\s]+/gi,
  // user name and password of a URL, also without a scheme
  /(?<=\b[a-z][a-z\d+.-]{0,20}:\/\/)[^/?#"'\s@]+(?=@)/gi,
  /(?<![^\s"'])[^\s"'/:@]{1,100}:[^\s"'/@]{1,100}(?=@)/g,
  /(?<=[?&][^=&#"'\s]{0,60}(?:sig|token|secret|passw|credential|auth|key)[^=&#"'\s]{0,60}=)[^&#"'\s]+/gi,
]

const stars = (text: string): string => '*'.repeat(text.length)

/** What stands between members: the signs of JSON and YAML stay. */
const starWords = (text: string): string =>
  text.replace(/[^\s{}[\],:|>]+/g, (word) => (word === '-' || word === '#' ? word : stars(word)))

/**
 * A line of a config without its secrets: a star for each of their characters, so that columns stay. A log of a build is
 * read by more people than the config. Shown are keys, and the values of those that are known to be harmless. `member`
 * is what a value at the beginning of the line belongs to, whose key stands above; undefined when nobody knows.
 */
export function maskSecrets(line: string, member: string | undefined): string {
  let shown = ''
  let end = 0
  const addBetween = (text: string) => {
    shown += end === 0 && member !== undefined && isOpenMember(member) ? text : starWords(text)
  }
  for (const match of line.matchAll(isFlow(line) ? flowMember : blockMember)) {
    const { key = '', value = '' } = match.groups ?? {}
    addBetween(line.slice(end, match.index))
    const isHarmless = isOpenMember(key) || /^(?:true|false|null)\s*$/.test(value)
    shown += match[0].slice(0, match[0].length - value.length) + (isHarmless ? value : stars(value))
    end = match.index + match[0].length
  }
  addBetween(line.slice(end))
  return urlPatterns.reduce((text, pattern) => text.replace(pattern, stars), shown)
}
