import type { Failure, ReportedPlace } from './failure.ts'

/**
 * What a person reads last on the console: what failed, why, where that stands in the config, and the way out. It has no
 * secrets, and nothing that moves the cursor.
 */
export function formatPanel(failure: Failure, more?: string): string {
  const { stage, step, causes, place, code, means, hint, isBeforeChange } = failure
  const rows: readonly Row[] = [
    ...(step === undefined ? [] : [['while', step] as const]),
    ...causes.map((cause, index) => [index === 0 ? 'why' : '', cause] as const),
    ...(place === undefined ? [] : placeRows(place)),
    ['code', `${code}: ${means}`],
    ['hint', hint],
    ...(isBeforeChange === true ? [['disks', 'as they were: nothing was changed'] as const] : []),
    ...(more === undefined ? [] : [['more', more] as const]),
  ]
  const lines = rows.map(
    ([label, text]) => `  ${label === '' ? '' : `${label}:`}`.padEnd(11) + printable(text),
  )
  return `${[`${stage} failed`, ...lines].join('\n')}\n`
}

type Row = readonly [label: string, text: string]

const placeRows = ({ source, path, line, column, text }: ReportedPlace): readonly Row[] => [
  ['config', `${source}, line ${line}, column ${column}: ${path}`],
  ...(text === undefined ? [] : [['', `${String(line).padStart(5)} | ${text}`] as const]),
]

/** Text in which nothing moves the cursor or colours the screen. */
const printable = (text: string): string => text.replace(/[^ -~\u00a1-\uffff]/g, ' ')
