import { Secret } from '../../src/secret.ts'
import { type Config, configField } from '../../src/spec/config.ts'
import type { Field } from '../../src/spec/field.ts'
import { newestVersion } from '../../src/spec/versions.ts'

/** A config as a test writes it: only what matters. */
export type Sketch<T> = T extends Secret
  ? Secret | string
  : T extends readonly (infer Item)[]
    ? readonly Sketch<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]?: Sketch<T[Name]> }
      : T

/** A whole config from a sketch: objects and lists are always there. */
export function configOf(sketch: Sketch<Config>): Config {
  return complete(configField, {
    ...sketch,
    ignition: { version: newestVersion, ...sketch.ignition },
  }) as Config
}

function complete(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'object':
      return Object.fromEntries(
        Object.entries(field.fields).map(([name, inner]) => [
          name,
          complete(inner, (value as Record<string, unknown> | undefined)?.[name]),
        ]),
      )
    case 'list':
      return ((value as readonly unknown[] | undefined) ?? []).map((item) => complete(field.item, item))
    case 'integer':
      return value ?? (field.always ? 0 : undefined)
    case 'string':
      return value ?? (field.always ? '' : undefined)
    case 'boolean':
      return value ?? (field.always ? false : undefined)
    case 'secret':
      return typeof value === 'string'
        ? new Secret(value)
        : (value ?? (field.always ? new Secret('') : undefined))
  }
}
