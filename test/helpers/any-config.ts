import fc from 'fast-check'
import { Secret } from '../../src/secret.ts'
import type { Field, ObjectField } from '../../src/spec/field.ts'

/** Few words, so that keys meet. */
const word = fc.constantFrom(
  '',
  'a',
  'b',
  '/a',
  '/b',
  '/a/c',
  'x.service',
  'data:,x',
  'http://h',
  'gzip',
  'é',
)

/** Values of any shape that the table allows, right or wrong by the rules. */
export function anyOf(field: Field, secretText: fc.Arbitrary<string> = word): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'object':
      return anyObject(field, secretText)
    case 'list':
      return fc.array(field.item.kind === 'object' ? anyObject(field.item, secretText) : word, {
        maxLength: 3,
      })
    case 'string':
      return field.always ? word : fc.option(word, { nil: undefined })
    case 'integer':
      return fc.option(fc.integer({ min: -1, max: 5000 }), { nil: field.always ? 0 : undefined })
    case 'boolean':
      return fc.option(fc.boolean(), { nil: undefined })
    case 'secret': {
      const secret = secretText.map((text) => new Secret(text))
      return field.always ? secret : fc.option(secret, { nil: undefined })
    }
  }
}

const anyObject = (field: ObjectField, secretText: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(field.fields).map(([name, member]) => [name, anyOf(member, secretText)]),
      ),
    )
    .map((value) => withoutRepeats(field, value))

/** Drops items whose key stood before: a config that was parsed has none. */
function withoutRepeats({ fields }: ObjectField, value: Record<string, unknown>): Record<string, unknown> {
  const seen = new Set<string>()
  const unique = Object.entries(fields).map(([name, { ...field }]) => {
    if (field.kind !== 'list' || field.identity.kind !== 'keyed') return [name, value[name]]
    const { identity } = field
    const items = (value[name] as readonly unknown[]).filter((item) => {
      const key = `${identity.namespace ?? name} ${identity.key(item)}`
      return !seen.has(key) && seen.add(key)
    })
    return [name, items]
  })
  return Object.fromEntries(unique) as Record<string, unknown>
}
