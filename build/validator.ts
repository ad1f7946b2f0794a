import { _, Ajv, type CodeKeywordDefinition } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { configField } from '../src/spec/config.ts'
import type { Field, ListField } from '../src/spec/field.ts'
import type { Schema } from './schema.ts'

/** A whole number, as a bigint where a number would not be exact. */
const int64: CodeKeywordDefinition = {
  keyword: 'int64',
  schemaType: 'boolean',
  error: { message: 'must be a whole number' },
  code: (context) => {
    const { data } = context
    context.pass(_`typeof ${data} == "bigint" || Number.isInteger(${data})`)
  },
}

/** Types of a config of the newest version; what is absent is filled in. */
function schemaOf(field: Field | ListField['item']): Schema {
  switch (field.kind) {
    case 'object':
      return {
        type: 'object',
        default: {},
        properties: Object.fromEntries(
          Object.entries(field.fields).map(([name, member]) => [name, schemaOf(member)]),
        ),
      }
    case 'list':
      return { type: 'array', default: [], items: withoutDefault(schemaOf(field.item)) }
    case 'integer':
      return { int64: true, ...(field.always && { default: 0 }) }
    case 'string':
    case 'secret':
      return { type: 'string', ...(field.always && { default: '' }) }
    case 'boolean':
      return { type: 'boolean' }
  }
}

const withoutDefault = ({ default: _default, ...schema }: Schema): Schema => schema

const notice = '// Generated from src/spec/config.ts by build/generate.ts: do not edit.\n'

/** Source code of the function that checks a rendered config and fills in what it leaves out. */
export function validatorCode(): string {
  const ajv = new Ajv({
    code: { source: true, esm: true },
    keywords: [int64],
    strict: true,
    useDefaults: true,
  })
  const code = standalone.default(ajv, ajv.compile(withoutDefault(schemaOf(configField))))
  return `${notice}${code}\n`
}

/** The types of that code. */
export const validatorTypes = `${notice}export declare const validate: {
  (value: unknown): value is object
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}
`
