/** What a JSON value has to look like: one table for its type, its check and its JSON Schema. */
export type Shape =
  | { readonly kind: 'text' | 'number' }
  | { readonly kind: 'word'; readonly words: readonly (string | number)[] }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'record'; readonly about: string; readonly members: Members }
  | { readonly kind: 'optional'; readonly inner: Shape }

interface Members {
  readonly [name: string]: Shape
}

type Required<M> = {
  [Name in keyof M]: M[Name] extends { readonly kind: 'optional' } ? never : Name
}[keyof M]

/** The TypeScript type of the values of a shape. */
export type Shaped<S> = S extends { readonly kind: 'text' }
  ? string
  : S extends { readonly kind: 'number' }
    ? number
    : S extends { readonly kind: 'word'; readonly words: readonly (infer Word)[] }
      ? Word
      : S extends { readonly kind: 'list'; readonly item: infer Item }
        ? readonly Shaped<Item>[]
        : S extends { readonly kind: 'record'; readonly members: infer M }
          ? { readonly [Name in Required<M>]: Shaped<M[Name]> } & {
              readonly [Name in Exclude<keyof M, Required<M>>]?: Shaped<M[Name]>
            }
          : S extends { readonly kind: 'optional'; readonly inner: infer Inner }
            ? Shaped<Inner> | undefined
            : never

export const text = { kind: 'text' } as const
export const number = { kind: 'number' } as const

export const word = <const Word extends string | number>(...words: readonly Word[]) =>
  ({ kind: 'word', words }) as const

export const list = <Item extends Shape>(item: Item) => ({ kind: 'list', item }) as const

export const optional = <Inner extends Shape>(inner: Inner) => ({ kind: 'optional', inner }) as const

export const record = <M extends Members>(about: string, members: M) =>
  ({ kind: 'record', about, members }) as const

/** Where and how a value is not of its shape. */
export interface Misshape {
  /** `$.devices.0.path`. */
  readonly path: string
  readonly problem: string
}

/**
 * The first thing that is wrong with a value; undefined when nothing is. Members that the shape does not know are
 * allowed: a later version may add some.
 */
export function misshapeOf(shape: Shape, value: unknown, path = '$'): Misshape | undefined {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' ? undefined : wrong(path, 'a string', value)
    case 'number':
      return Number.isSafeInteger(value) && Number(value) >= 0
        ? undefined
        : wrong(path, 'a whole number', value)
    case 'word':
      return shape.words.some((each) => each === value)
        ? undefined
        : wrong(path, shape.words.map((each) => JSON.stringify(each)).join(' or '), value)
    case 'optional':
      return value === undefined ? undefined : misshapeOf(shape.inner, value, path)
    case 'list':
      return Array.isArray(value)
        ? first(value.map((item, index) => () => misshapeOf(shape.item, item, `${path}.${index}`)))
        : wrong(path, 'a list', value)
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? first(
            Object.entries(shape.members).map(
              ([name, member]) =>
                () =>
                  misshapeOf(member, (value as Readonly<Record<string, unknown>>)[name], `${path}.${name}`),
            ),
          )
        : wrong(path, 'an object', value)
  }
}

function first(looks: readonly (() => Misshape | undefined)[]): Misshape | undefined {
  for (const look of looks) {
    const found = look()
    if (found) return found
  }
  return undefined
}

function wrong(path: string, wanted: string, value: unknown): Misshape {
  const found = value === undefined ? 'missing' : `not ${wanted}`
  return { path, problem: value === undefined ? `is ${found}; ${wanted} belongs there` : `is ${found}` }
}

/** The JSON Schema (draft 7) of a shape. */
export function jsonSchemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.kind) {
    case 'text':
      return { type: 'string' }
    case 'number':
      return { type: 'integer', minimum: 0 }
    case 'word':
      return { enum: shape.words }
    case 'optional':
      return jsonSchemaOf(shape.inner)
    case 'list':
      return { type: 'array', items: jsonSchemaOf(shape.item) }
    case 'record': {
      const members = Object.entries(shape.members)
      return {
        description: shape.about,
        type: 'object',
        properties: Object.fromEntries(members.map(([name, member]) => [name, jsonSchemaOf(member)])),
        required: members.filter(([, { kind }]) => kind !== 'optional').map(([name]) => name),
      }
    }
  }
}
