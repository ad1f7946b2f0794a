import { type Config, configField } from './config.ts'
import type { Field } from './field.ts'

/**
 * Compact JSON in canonical order: empty objects stand, empty lists and absent scalars do not; integers are exact.
 */
export const serializeConfig = (config: Config): string => serialize(configField, config)

function serialize(field: Field, value: unknown): string {
  switch (field.kind) {
    case 'object': {
      const members = Object.entries(field.fields).flatMap(([name, member]) => {
        const inner = (value as Readonly<Record<string, unknown>>)[name]
        return isOmitted(member, inner) ? [] : [`"${name}":${serialize(member, inner)}`]
      })
      return `{${members.join(',')}}`
    }
    case 'list':
      return `[${(value as readonly unknown[]).map((item) => serialize(field.item, item)).join(',')}]`
    case 'integer':
      return String(value)
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
  }
}

const isOmitted = (field: Field, value: unknown): boolean =>
  value === undefined ||
  (field.kind === 'list' && (value as readonly unknown[]).length === 0) ||
  (field.kind === 'integer' && field.always && value === 0)
