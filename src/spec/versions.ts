/** Every accepted spec version, oldest first. A version belongs here only while configs of it are accepted. */
export const versions = [
  '3.0.0',
  '3.1.0',
  '3.2.0',
  '3.3.0',
  '3.4.0',
  '3.5.0',
  '3.6.0',
  '3.7.0-experimental',
] as const

export type Version = (typeof versions)[number]

/** The version that every config is brought to right after it was read. */
export const newestVersion = '3.7.0-experimental' satisfies Version

/** Whether `version` is `since` or newer. */
export const isSince = (version: Version, since: Version): boolean =>
  versions.indexOf(version) >= versions.indexOf(since)

/** What a version text means: one of the table, none of it, or not a version at all. */
export type VersionVerdict =
  | { readonly kind: 'version'; readonly version: Version }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'unsupported' }

const identifiers = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/
const int64Max = 2n ** 63n - 1n

/** A number of 64 bits: at most 19 digits behind leading zeros. */
const isInt64 = (digits: string): boolean => /^0*[0-9]{1,19}$/.test(digits) && BigInt(digits) <= int64Max

/** Reads a version as the reference does: leading zeros pass, empty pre-release and metadata too. */
export function readVersion(text: string): VersionVerdict {
  const [withoutMetadata, metadata] = cut(text, '+')
  const [numbers, preRelease] = cut(withoutMetadata, '-')
  const parts = numbers.split('.')
  const valid =
    parts.length === 3 &&
    parts.every(isInt64) &&
    [metadata, preRelease].every((words) => words === '' || identifiers.test(words))
  if (!valid) return { kind: 'invalid' }
  const canonical = parts.map(BigInt).join('.') + (preRelease === '' ? '' : `-${preRelease}`)
  const version = metadata === '' ? versions.find((known) => known === canonical) : undefined
  return version === undefined ? { kind: 'unsupported' } : { kind: 'version', version }
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
