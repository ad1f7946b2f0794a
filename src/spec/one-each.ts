import type { Report, ReportEntry } from './report.ts'

/** Rules whose entries only say again what another entry at, or below, the same place says. */
const echoes: Readonly<Record<string, ((entry: ReportEntry, other: ReportEntry) => boolean) | undefined>> = {
  'FS-LABEL-NEEDS-FORMAT': (entry, other) =>
    other.rule === 'FS-FORMAT-NEEDED' && isBelow(other, entry.path.slice(0, -1)),
  // the entry about the source itself comes later, in JSON and in YAML
  'LUKS-KEYFILE': (entry, other) =>
    ['keyFile', 'key_file'].some((key) => isBelow(other, [...entry.path.slice(0, -1), key, 'source'])),
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
  return entries.filter((entry) => {
    const isEcho = echoes[entry.rule]
    return isEcho === undefined || !entries.some((other) => other !== entry && isEcho(entry, other))
  })
}

const isBelow = (entry: ReportEntry, path: ReportEntry['path']): boolean =>
  path.every((step, index) => entry.path[index] === step)
