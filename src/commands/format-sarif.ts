import { formatPath, type Position, type ReportEntry } from '../spec/report.ts'
import { catalogue, type RuleId } from '../spec/rules/catalogue.ts'
import { firstlightVersion } from '../version.ts'
import { lineStart } from './excerpt.ts'
import { type Judgement, wholeFileRules } from './judge.ts'

const levels = { error: 'error', warning: 'warning', info: 'note' } as const

/** A SARIF 2.1.0 log, as editors and code hosts read it: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. */
export function formatSarif(judgements: readonly Judgement[]): string {
  const used = new Set(judgements.flatMap(({ report }) => report.map(({ rule }) => rule)))
  const rules = [...used].toSorted().map((id) => ({ id, shortDescription: { text: aboutRule(id) } }))
  const results = judgements.flatMap((judgement) =>
    judgement.report.map((entry) => resultOf(judgement, entry)),
  )
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Firstlight', version: firstlightVersion, rules } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

const aboutRule = (id: string): string =>
  Object.hasOwn(catalogue, id) ? catalogue[id as RuleId].message : (wholeFileRules[id] ?? id)

function resultOf(judgement: Judgement, entry: ReportEntry) {
  const { severity, rule, message, path, position, hint } = entry
  const uri = judgement.file === '-' ? 'stdin' : encodeURI(judgement.file)
  return {
    ruleId: rule,
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          ...(position && { region: regionOf(judgement.bytes, position) }),
        },
        ...(path.length > 0 && { logicalLocations: [{ fullyQualifiedName: formatPath(path) }] }),
      },
    ],
  }
}

/** Positions count bytes, SARIF UTF-16 units. */
function regionOf(bytes: Uint8Array | undefined, { line, column }: Position) {
  const start = bytes === undefined ? undefined : lineStart(bytes, line)
  const before = start === undefined ? undefined : bytes?.subarray(start, start + column - 1)
  return { startLine: line, startColumn: new TextDecoder().decode(before).length + 1 }
}
