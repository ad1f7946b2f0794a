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
