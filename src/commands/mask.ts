/** Members of a config whose values are secrets, in the spelling of JSON and of YAML. */
const secretMembers = 'passwordHash|password_hash|thumbprint|advertisement|value|config|contents|inline'

/** A string, or a list that begins on the line; not an object. */
const quotedPattern = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|\[[^\]]*\]?`

/** Plain scalars of YAML: to the end of the line, or within braces to what ends an item. */
const plainPatterns = {
  block: String.raw`[^\s"'{[|>#][^\n]*?(?=\s#|$)`,
  flow: String.raw`[^\s"'{[|>#,](?:[^,}#]|(?<=\S)#)*`,
}

const members = (plainPattern: string): RegExp =>
  new RegExp(
    String.raw`(?<=["']?\b(?:${secretMembers})["']?\s*:\s*)(?:${quotedPattern}|${plainPattern})`,
    'g',
  )

const blockMembers = members(plainPatterns.block)
const flowMembers = members(plainPatterns.flow)

/** Of a line that begins within braces, more than needed is taken away. */
function membersIn(line: string): RegExp {
  const first = line.search(blockMembers)
  return /[{[]/.test(line.slice(0, Math.max(0, first))) ? flowMembers : blockMembers
}

const urlPatterns: readonly RegExp[] = [
  // what is inline
  /(?<=\bdata:[^,"'\s]{0,200},)[^"'\s]+/gi,
  // user name and password of a URL
  /(?<=\b[a-z][a-z\d+.-]{0,20}:\/\/)[^/?#"'\s@]+(?=@)/gi,
  /(?<=[?&][^=&#"'\s]{0,60}(?:sig|token|secret|passw|credential|auth|key)[^=&#"'\s]{0,60}=)[^&#"'\s]+/gi,
]

/**
 * A line of a config without its secrets: a star for each of their characters, so that columns stay. A log of a build is
 * read by more people than the config.
 */
export const maskSecrets = (line: string): string =>
  [membersIn(line), ...urlPatterns].reduce(
    (text, pattern) => text.replace(pattern, (secret) => '*'.repeat(secret.length)),
    line,
  )
