import { formatPath, type ReportEntry } from '../spec/report.ts'
import { printable, showPlace } from './excerpt.ts'
import { countOf, type Judgement, wholeFileRules } from './judge.ts'

/** Each entry with its line, a caret, its rule, and what may have been meant; then how many there are. */
export function formatText(judgements: readonly Judgement[], color: boolean): string {
  const errors = countOf(judgements, 'error')
  const warnings = countOf(judgements, 'warning')
  const summary =
    errors + warnings === 0 ? '' : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`
  return judgements.map((judgement) => formatOne(judgement, color)).join('') + summary
}

/** The entries of one file; a line that says so when there are none. */
function formatOne(judgement: Judgement, color: boolean): string {
  const { report } = judgement
  if (report.length === 0) return `${nameOf(judgement)}: this config is right\n`
  const [first] = report
  const isWhole = first !== undefined && first.rule in wholeFileRules
  return isWhole
    ? `${nameOf(judgement)}: ${painted(first.severity, color)}: ${printable(first.message)}\n`
    : formatEntries(judgement, color)
}

/** The entries of one file, each followed by an empty line. */
export const formatEntries = (judgement: Judgement, color: boolean): string =>
  judgement.report.map((entry) => `${showEntry(judgement, entry, color)}\n`).join('')

const nameOf = ({ file }: Judgement): string => (file === '-' ? 'standard input' : file)

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

function showEntry(judgement: Judgement, entry: ReportEntry, color: boolean): string {
  const { position, severity, message, rule, path, hint } = entry
  const name = nameOf(judgement)
  const place = position === undefined ? name : `${name}:${position.line}:${position.column}`
  const excerpt = judgement.bytes && showPlace(judgement.bytes, entry)
  const lines = [
    `${place}: ${painted(severity, color)}: ${printable(message)} [${rule}]`,
    ...(excerpt === undefined ? [] : [excerpt]),
    ...(path.length === 0 ? [] : [`      = at ${printable(formatPath(path))}`]),
    ...(hint === undefined ? [] : [`      = ${printable(hint)}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Red, yellow, blue (ECMA-48 SGR 31, 33, 34). */
const colours = { error: 31, warning: 33, info: 34 } as const

const painted = (severity: keyof typeof colours, color: boolean): string =>
  color ? `\u001b[1;${colours[severity]}m${severity}\u001b[0m` : severity
