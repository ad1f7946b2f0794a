import { type Config, configField } from './config.ts'
import type { Field, ObjectField } from './field.ts'

/**
 * Compact JSON in canonical order: empty objects stand, empty lists and absent scalars do not; integers are exact.
 */
export const serializeConfig = (config: Config): string => serialize(configField, config)

type Struct = Readonly<Record<string, unknown>>

function serialize(field: Field, value: unknown): string {
  switch (field.kind) {
    case 'object':
      return serializeObject(field, value as Struct)
    case 'list': {
      let text = ''
      for (const item of value as readonly unknown[])
        text += `${text === '' ? '' : ','}${serialize(field.item, item)}`
      return `[${text}]`
    }
    case 'integer':
    case 'boolean':
      return String(value)
    case 'string':
      return JSON.stringify(value)
  }
}

function serializeObject({ fields }: ObjectField, value: Struct): string {
  let text = ''
  for (const name in fields) {
    const member = fields[name] as Field
    const inner = value[name]
    if (isOmitted(member, inner)) continue
    text += `${text === '' ? '' : ','}"${name}":${serialize(member, inner)}`
  }
  return `{${text}}`
}

const isOmitted = (field: Field, value: unknown): boolean =>
  value === undefined ||
  (field.kind === 'list' && (value as readonly unknown[]).length === 0) ||
  (field.kind === 'integer' && field.always && value === 0)
