import type { ConfigPath, ReportEntry } from '../report.ts'
import { catalogue, type RuleId } from './catalogue.ts'

/** Makes a report entry in the words of the rule. */
export const entryOf = (rule: RuleId, path: ConfigPath, detail?: string): ReportEntry => ({
  severity: catalogue[rule].severity ?? 'error',
  rule,
  message: detail === undefined ? catalogue[rule].message : `${catalogue[rule].message}: ${detail}`,
  path,
})
