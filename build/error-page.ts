import { errorCodes } from '../src/errors.ts'

/** The reference page of error codes. */
export function errorPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { means, wayOut }]) => `| \`${code}\` | ${means} | ${wayOut} |`,
  )
  return `# Error codes

A stage that fails prints its code; the message names the path, device or URL.

| code | means | way out |
| --- | --- | --- |
${rows.join('\n')}
`
}
