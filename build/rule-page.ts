import { catalogue } from '../src/spec/rules/catalogue.ts'

/** The reference page of all rules, in Markdown. */
export function rulePage(): string {
  const rows = Object.entries(catalogue).map(([id, { severity = 'error', message, since, until }]) =>
    [`\`${id}\``, severity, versionsOf(since, until), message].join(' | '),
  )
  return `# Rules for configs

Generated from \`src/spec/rules/catalogue.ts\`. An error rejects a config, a warning does not. \`firstlight validate\` names the
rule of each entry.

| rule | severity | versions | what is wrong |
|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}
`
}

function versionsOf(since: string | undefined, until: string | undefined): string {
  if (since === undefined) return until === undefined ? 'all' : `up to ${until}`
  return until === undefined ? `from ${since}` : `${since} to ${until}`
}
