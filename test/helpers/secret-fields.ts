import { configField } from '../../src/spec/config.ts'
import type { Field } from '../../src/spec/field.ts'
import { sugar } from '../../src/spec/yaml/sugar.ts'

/** A field that is marked as a secret. */
export interface SecretField {
  /** Names of the spec with dots, `[]` behind lists. */
  readonly path: string
  readonly name: string
  readonly isUrl: boolean
}

/** Every secret of the table of fields. */
export const secretFields: readonly SecretField[] = secretsIn(configField, '')

/** Those of YAML, too. */
export const allSecretFields: readonly SecretField[] = [
  ...secretFields,
  ...sugar.flatMap(({ place, name, field }) => secretsIn(field, place === '' ? name : `${place}.${name}`)),
]

/** A text with a word in it as a field of this kind may have it, in all places where that is a secret. */
export const secretTexts = ({ isUrl }: SecretField, word: string): readonly string[] =>
  isUrl
    ? [`data:,${word}`, `data:text/plain;charset=utf-8,${word}`, `https://me:${word}@h/a?token=${word}`]
    : [word, `${word} "'{[:#\n${word}`, `{"a": "${word}"}`]

function secretsIn(field: Field, path: string): readonly SecretField[] {
  switch (field.kind) {
    case 'object':
      return Object.entries(field.fields).flatMap(([name, inner]) =>
        secretsIn(inner, path === '' ? name : `${path}.${name}`),
      )
    case 'list':
      return secretsIn(field.item, `${path}[]`)
    case 'secret':
      return [{ path, name: path.slice(path.lastIndexOf('.') + 1), isUrl: field.isUrl }]
    case 'string':
    case 'integer':
    case 'boolean':
      return []
  }
}
