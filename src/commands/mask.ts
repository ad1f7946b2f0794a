/** Members of a config whose values are secrets, in the spelling of JSON and of YAML. */
const secretMembers = 'passwordHash|password_hash|thumbprint|advertisement|value|config'

/** A string, a list that begins on the line, or a plain scalar of YAML; not an object. */
const valuePattern = String.raw`"(?:[^"\\]|\\.)*"?|'[^']*'?|\[[^\]]*\]?|[^\s"'{[|>#,][^,}#]*`

const patterns: readonly RegExp[] = [
  new RegExp(String.raw`(?<=["']?\b(?:${secretMembers})["']?\s*:\s*)(?:${valuePattern})`, 'g'),
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
  patterns.reduce((text, pattern) => text.replace(pattern, (secret) => '*'.repeat(secret.length)), line)
