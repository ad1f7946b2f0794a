/** Where a platform keeps the config, as data; `read.ts` knows how to read each kind. */
export type Source =
  /** The platform has no source of its own: the config comes by kernel command line or from `user.ign`. */
  | { readonly kind: 'none' }
  /** A file named by an environment variable or by a default path; it must exist. */
  | { readonly kind: 'file'; readonly variable: string; readonly path: string }
  /** QEMU's firmware configuration device; the first of the names that exists. */
  | { readonly kind: 'fw-cfg'; readonly names: readonly string[] }
  /** A platform that the reference knows and this version does not provision yet. */
  | { readonly kind: 'planned' }

/** What asking a source for a config can answer. Whatever else happens is an error. */
export type Answer =
  | { readonly kind: 'found'; readonly bytes: Uint8Array; readonly source: string }
  /** The source was there and holds no config: the machine boots with an empty one. */
  | { readonly kind: 'empty'; readonly reason: string }
  /** This source does not apply to this machine: ask the next one. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'needs-network' }
