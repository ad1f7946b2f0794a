import { formatPath } from '../spec/report.ts'
import { countOf, type Judgement } from './judge.ts'

/** Version of the shape: new members may come, none goes away or changes its meaning without a new number. */
const shape = 1

/** One JSON object: `docs/yaml.md` describes its members. Columns are in bytes. */
export function formatJson(judgements: readonly Judgement[]): string {
  const files = judgements.map(({ file, report }) => ({
    file,
    valid: !report.some(({ severity }) => severity === 'error'),
    entries: report.map(({ severity, rule, message, path, position, hint }) => ({
      severity,
      rule,
      message,
      path: formatPath(path),
      line: position?.line,
      column: position?.column,
      hint,
    })),
  }))
  const errors = countOf(judgements, 'error')
  const warnings = countOf(judgements, 'warning')
  return `${JSON.stringify({ shape, errors, warnings, files }, undefined, 2)}\n`
}
