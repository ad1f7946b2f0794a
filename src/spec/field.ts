import { reveal, type Secret } from '../secret.ts'
import type { Version } from './versions.ts'

interface ScalarTypes {
  string: string
  /** Signed, 64 bits: a bigint only where a number would not be exact. */
  integer: number | bigint
  boolean: boolean
  /** A string in texts, which no code prints by accident. */
  secret: Secret
}

type ScalarKind = keyof ScalarTypes

interface Marks {
  /** What the field means, one line for the reference pages and editors. */
  readonly about: string
  /** The first version that has it; never older than the object around it. */
  readonly since: Version
  /** Whether every config must set it; rules enforce it where that matters. */
  readonly required: boolean
}

/** A string, integer, boolean or secret. `Always` ones are never absent: null and absence leave `''` or 0. */
export interface ScalarField<Kind extends ScalarKind = ScalarKind, Always extends boolean = boolean>
  extends Marks {
  readonly kind: Kind
  readonly always: Always
  /** Before this version the field was an always-present one. */
  readonly optionalSince: Version
  /** What an unset field means at run time, in words. */
  readonly fallback: string | undefined
  /** Only a secret: a URL, of which the rest may be shown when password, token and inline data are left out. */
  readonly isUrl: boolean
}

/** An object, always present in a decoded config. */
export interface ObjectField<Members extends Fields = Fields> extends Marks {
  readonly kind: 'object'
  readonly fields: Members
  /** Before this version a null object passed without a warning. */
  readonly nullNotedSince: Version
}

/** How the items of a list are told apart when two lists meet. */
export type ListIdentity<Item = unknown> =
  | {
      readonly kind: 'keyed'
      key(item: Item): string
      /** Lists of one object with the same namespace share their keys. */
      readonly namespace?: string
      /** A matching later item without this member removes the earlier one. */
      readonly removesWithout?: string
    }
  /** Items have no identity: repeats are fine, merging appends. */
  | { readonly kind: 'append' }

/** A list, always present in a decoded config, possibly empty. */
export interface ListField<Item extends ListItem = ListItem> extends Marks {
  readonly kind: 'list'
  readonly item: Item
  readonly identity: ListIdentity
}

type ListItem = ScalarField | ObjectField
export type Field = ScalarField | ObjectField | ListField
/** Members of an object in canonical order: reports and the cached JSON follow it. */
export type Fields = { readonly [name: string]: Field }

type OptionalName<Members extends Fields> = {
  [Name in keyof Members]: Members[Name] extends ScalarField<ScalarKind, false> ? Name : never
}[keyof Members]

/** The type that a field has in a decoded config. */
export type ValueOf<F> =
  F extends ScalarField<infer Kind>
    ? ScalarTypes[Kind]
    : F extends ListField<infer Item>
      ? readonly ValueOf<Item>[]
      : F extends ObjectField<infer Members>
        ? { readonly [Name in Exclude<keyof Members, OptionalName<Members>>]: ValueOf<Members[Name]> } & {
            readonly [Name in OptionalName<Members>]?: ValueOf<Members[Name]> | undefined
          }
        : never

const scalar =
  <Kind extends ScalarKind>(kind: Kind) =>
  (about: string, fallback?: string): ScalarField<Kind, false> => ({
    kind,
    about,
    fallback,
    always: false,
    since: '3.0.0',
    required: false,
    optionalSince: '3.0.0',
    isUrl: false,
  })

export const string = scalar('string')
export const integer = scalar('integer')
export const boolean = scalar('boolean')

/** A string that is a secret, or may have one in it. */
export const secret = scalar('secret')

/** A URL may have a password or a token in it, or be inline data. */
export const secretUrl = (about: string, fallback?: string): ScalarField<'secret', false> => ({
  ...secret(about, fallback),
  isUrl: true,
})

/** Makes a scalar one that is never absent. */
export const always = <Kind extends ScalarKind>(
  field: ScalarField<Kind, false>,
): ScalarField<Kind, true> => ({
  ...field,
  always: true,
})

/** Makes a scalar one that was never absent before `version`. */
export const optionalSince = <F extends ScalarField>(version: Version, field: F): F => ({
  ...field,
  optionalSince: version,
})

export const object = <Members extends Fields>(about: string, fields: Members): ObjectField<Members> => ({
  kind: 'object',
  about,
  fields,
  since: '3.0.0',
  required: false,
  nullNotedSince: '3.0.0',
})

/** Makes an object one that could be null without a warning before `version`. */
export const nullNotedSince = <F extends ObjectField>(version: Version, field: F): F => ({
  ...field,
  nullNotedSince: version,
})

export const list = <Item extends ListItem>(
  about: string,
  item: Item,
  identity: ListIdentity<ValueOf<Item>>,
): ListField<Item> => ({ kind: 'list', about, item, since: '3.0.0', required: false, identity })

/** Marks the first version that has a field. */
export const since = <F extends Field>(version: Version, field: F): F => ({ ...field, since: version })

/** Items are told apart by one of their members; an absent one counts as `''`. */
export const by = <Name extends string>(name: Name) => ({
  kind: 'keyed' as const,
  key: (item: { readonly [N in Name]?: string | Secret | undefined }) => reveal(item[name] ?? ''),
})

/** Items are strings that stand for themselves. */
export const byItself = { kind: 'keyed' as const, key: (item: string) => item }

export const append = { kind: 'append' as const }

/** Marks what every config must set. */
export const required = <F extends Field>(field: F): F => ({ ...field, required: true })
