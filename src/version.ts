/** Release of the reference whose behaviour Firstlight stands in for: what `ignition -version` and User-Agent say. */
export const referenceVersion = '2.26.0'

declare const FIRSTLIGHT_VERSION: string | undefined

/** Firstlight's own version; the build puts in the one of package.json. */
export const firstlightVersion: string =
  typeof FIRSTLIGHT_VERSION === 'string' ? FIRSTLIGHT_VERSION : 'from source'
