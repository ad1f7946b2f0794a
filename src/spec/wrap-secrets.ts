import { Secret } from '../secret.ts'
import { type Config, configField } from './config.ts'
import type { ObjectField } from './field.ts'

/** Where secrets are in an object: its members that are some, and what has some inside. */
interface Ways {
  readonly secrets: readonly string[]
  readonly inside: readonly { readonly name: string; readonly isList: boolean; readonly ways: Ways }[]
}

type Struct = Record<string, unknown>

let ways: Ways | undefined

/** Makes a config of one that was checked and has plain texts where secrets belong; the value itself is changed. */
export function wrapSecrets(plain: object): Config {
  ways ??= waysOf(configField)
  wrap(ways, plain as Struct)
  return plain as Config
}

function waysOf({ fields }: ObjectField): Ways {
  const members = Object.entries(fields)
  return {
    secrets: members.flatMap(([name, { kind }]) => (kind === 'secret' ? [name] : [])),
    inside: members.flatMap(([name, field]) => {
      const around = field.kind === 'list' ? field.item : field
      const inner = around.kind === 'object' ? waysOf(around) : undefined
      if (inner === undefined || inner.secrets.length + inner.inside.length === 0) return []
      return [{ name, isList: field.kind === 'list', ways: inner }]
    }),
  }
}

function wrap({ secrets, inside }: Ways, value: Struct): void {
  for (const name of secrets) {
    const text = value[name]
    if (typeof text === 'string') value[name] = new Secret(text)
  }
  for (const { name, isList, ways: inner } of inside) {
    const member = value[name]
    if (isList) for (const item of member as readonly Struct[]) wrap(inner, item)
    else wrap(inner, member as Struct)
  }
}
