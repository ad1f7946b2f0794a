import { configField } from '../src/spec/config.ts'
import type { Field, ListField, ObjectField, ScalarField } from '../src/spec/field.ts'
import { isSince, type Version } from '../src/spec/versions.ts'

/** A part of a JSON Schema, draft 2020-12. */
export type Schema = { readonly [keyword: string]: unknown }

/** The schema of a version, for editors: what the table says about types, and which fields must be there. */
export function schemaOf(version: Version): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Ignition config ${version}`,
    ...schemaOfField(configField, version),
  }
}

function schemaOfField(field: Field, version: Version): Schema {
  const about = field.about === '' ? {} : { description: describe(field) }
  switch (field.kind) {
    case 'object':
      return { ...about, ...schemaOfObject(field, version) }
    case 'list':
      return {
        ...about,
        type: field.required ? 'array' : ['array', 'null'],
        items: schemaOfItem(field.item, version),
      }
    case 'string':
    case 'integer':
    case 'boolean':
    case 'secret':
      return { ...about, type: typesOf(field, version), ...limitsOf(field) }
  }
}

/** Null is an empty string or object in a list, which no one can mean. */
const schemaOfItem = (item: ListField['item'], version: Version): Schema =>
  item.kind === 'object' ? schemaOfField(item, version) : { type: typeOf(item) }

const describe = (field: Field): string =>
  'fallback' in field && field.fallback !== undefined
    ? `${field.about} Default: ${field.fallback}.`
    : field.about

function schemaOfObject({ fields }: ObjectField, version: Version): Schema {
  const known = Object.entries(fields).filter(([, field]) => isSince(version, field.since))
  const required = known.filter(([, field]) => isRequired(field, version)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(known.map(([name, field]) => [name, schemaOfField(field, version)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

/** Key fields are required, and what the rules ask for in every config of the version. */
const isRequired = (field: Field, version: Version): boolean =>
  field.required || (isScalar(field) && typeOf(field) === 'string' && isAlways(field, version))

const isAlways = (field: ScalarField, version: Version): boolean =>
  field.always || !isSince(version, field.optionalSince)

const isScalar = (field: Field): field is ScalarField => field.kind !== 'object' && field.kind !== 'list'

/** In JSON a secret is a string as any other. */
const typeOf = ({ kind }: ScalarField): string => (kind === 'secret' ? 'string' : kind)

const typesOf = (field: ScalarField, version: Version): unknown =>
  isAlways(field, version) || field.required ? typeOf(field) : [typeOf(field), 'null']

/** Integers have 64 bits; the limits are rounded to what every JSON reader can hold. */
const limitsOf = ({ kind }: ScalarField): Schema =>
  kind === 'integer' ? { minimum: -(2 ** 63), maximum: 2 ** 63 } : {}
