import type { Report, ReportEntry } from './report.ts'

/** Entries that only follow from another one at, or around, the same place. */
const follows: Readonly<Record<string, readonly string[]>> = {
  'FS-LABEL-NEEDS-FORMAT': ['FS-FORMAT-NEEDED'],
  'UNIT-TEMPLATE-NO-INSTALL': ['UNIT-NO-INSTALL'],
}

/** Leaves one entry for each mistake: at one place the first error counts, or else the first of the others. */
export function oneForEachMistake(report: Report): Report {
  const kept = new Map<string, ReportEntry>()
  for (const entry of report) {
    const place = JSON.stringify([entry.path, entry.position])
    const before = kept.get(place)
    const isWorse = entry.severity === 'error' && before?.severity !== 'error'
    if (before === undefined || isWorse) kept.set(place, entry)
  }
  const entries = report.filter((entry) => kept.get(JSON.stringify([entry.path, entry.position])) === entry)
  return entries.filter((entry) => !entries.some((other) => explains(other, entry)))
}

/** Whether `other` says already what is behind an entry. */
function explains(other: ReportEntry, entry: ReportEntry): boolean {
  if (other === entry) return false
  if (entry.rule === 'LUKS-KEYFILE') return isBelow(other, entry)
  return follows[entry.rule]?.includes(other.rule) === true && isBelow(other, { path: entry.path.slice(0, -1) })
}

const isBelow = ({ path }: ReportEntry, around: { readonly path: ReportEntry['path'] }): boolean =>
  around.path.every((step, index) => path[index] === step)
