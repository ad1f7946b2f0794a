import { reveal, type Secret } from '../secret.ts'
import { type Config, configField } from './config.ts'
import type { Field, ObjectField, ScalarField } from './field.ts'

/** What is written of a secret. */
type Show = (secret: Secret, field: ScalarField) => string

/**
 * Compact JSON in canonical order: empty objects stand, empty lists and absent scalars do not; integers are exact.
 * Secrets are in it, unless `show` says what to write instead.
 */
export const serializeConfig = (config: Config, show: Show = reveal): string =>
  serialize(configField, config, show)

type Struct = Readonly<Record<string, unknown>>

function serialize(field: Field, value: unknown, show: Show): string {
  switch (field.kind) {
    case 'object':
      return serializeObject(field, value as Struct, show)
    case 'list': {
      let text = ''
      for (const item of value as readonly unknown[])
        text += `${text === '' ? '' : ','}${serialize(field.item, item, show)}`
      return `[${text}]`
    }
    case 'integer':
    case 'boolean':
      return String(value)
    case 'string':
      return JSON.stringify(value)
    case 'secret':
      return JSON.stringify(show(value as Secret, field))
  }
}

function serializeObject({ fields }: ObjectField, value: Struct, show: Show): string {
  let text = ''
  for (const name in fields) {
    const member = fields[name] as Field
    const inner = value[name]
    if (isOmitted(member, inner)) continue
    text += `${text === '' ? '' : ','}"${name}":${serialize(member, inner, show)}`
  }
  return `{${text}}`
}

const isOmitted = (field: Field, value: unknown): boolean =>
  value === undefined ||
  (field.kind === 'list' && (value as readonly unknown[]).length === 0) ||
  (field.kind === 'integer' && field.always && value === 0)
