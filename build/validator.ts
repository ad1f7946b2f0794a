import { _, Ajv, type CodeKeywordDefinition, Name } from 'ajv'
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

/** A string that becomes a `Secret`: in the cache it is a text. */
const secret: CodeKeywordDefinition = {
  keyword: 'secret',
  type: 'string',
  schemaType: 'boolean',
  code: ({ gen, data, it: { parentData, parentDataProperty } }) => {
    gen.code(_`${parentData}[${parentDataProperty}] = new ${new Name('Secret')}(${data});`)
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
      return { type: 'string', ...(field.always && { default: '' }) }
    case 'secret':
      return { type: 'string', secret: true, ...(field.always && { default: '' }) }
    case 'boolean':
      return { type: 'boolean' }
  }
}

const withoutDefault = ({ default: _default, ...schema }: Schema): Schema => schema

const notice = '// Generated from src/spec/config.ts by build/generate.ts: do not edit.\n'

/** Source code of the function that checks a rendered config, fills in what it leaves out and wraps its secrets. */
export function validatorCode(): string {
  const ajv = new Ajv({
    code: { source: true, esm: true },
    keywords: [int64, secret],
    strict: true,
    useDefaults: true,
  })
  const code = standalone.default(ajv, ajv.compile(withoutDefault(schemaOf(configField))))
  return `${notice}import { Secret } from '../../secret.ts'\n${code}\n`
}

/** The types of that code. */
export const validatorTypes = `${notice}import type { Config } from '../config.ts'

export declare const validate: {
  (value: unknown): value is Config
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
}
`
