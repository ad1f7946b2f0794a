import { configField } from '../src/spec/config.ts'
import type { Field } from '../src/spec/field.ts'
import { isSince, type Version } from '../src/spec/versions.ts'

/** The reference page of all fields, in Markdown. */
export function fieldPage(): string {
  const rows = rowsOf(configField, '', '3.0.0')
  return `# Fields of a config

Generated from \`src/spec/config.ts\`. The newest version is shown; *since* says which version has a field first.
\`[]\` stands behind lists. A required field must be set in every config that has the object around it. A JSON Schema of each
version, for editors, is in \`schema/\`. What is *secret* is in no log, report or plan; of a URL the part that may be shown is.

| field | type | since | required | default | meaning |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`
}

type Row = readonly [
  path: string,
  type: string,
  since: string,
  required: string,
  fallback: string,
  about: string,
]

/** A field is never older than the object around it. */
function rowsOf(field: Field, path: string, outerSince: Version): readonly Row[] {
  const since = isSince(field.since, outerSince) ? field.since : outerSince
  const inner = innerRows(field, path, since)
  if (path === '') return inner
  const required =
    field.required || ((field.kind === 'string' || field.kind === 'secret') && field.always) ? 'yes' : ''
  const fallback = 'fallback' in field ? (field.fallback ?? '') : ''
  return [[`\`${path}\``, typeOf(field), since, required, fallback, field.about], ...inner]
}

function innerRows(field: Field, path: string, since: Version): readonly Row[] {
  const around = field.kind === 'list' ? field.item : field
  if (around.kind !== 'object') return []
  const prefix = `${path}${field.kind === 'list' ? '[]' : ''}`
  return Object.entries(around.fields).flatMap(([name, member]) =>
    rowsOf(member, prefix === '' ? name : `${prefix}.${name}`, since),
  )
}

const typeOf = (field: Field): string => {
  if (field.kind === 'list') return `list of ${field.item.kind}s`
  return field.kind === 'secret' ? 'string, secret' : field.kind
}
