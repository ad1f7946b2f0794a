// What the benchmark's rows are to reach, and what stops those that do not: from the same run where it can be.

/** The figures of a row that a target may speak of. */
export interface Reached {
  readonly name: string
  readonly ratio: number
  readonly residentMiB?: number | undefined
  readonly privateMiB?: number | undefined
  readonly megabytes?: number | undefined
}

/** The ratio to the reference, or an absolute size, that a row is to reach at most: goals of the project. */
interface Target {
  /** Name of the row, or how it begins. */
  readonly row: string
  readonly ratio?: number
  readonly residentMiB?: number
  readonly megabytes?: number
  readonly stoppedBy?: (row: Reached, rows: readonly Reached[]) => string
}

const mappedProgram = ({ residentMiB = 0, privateMiB = 0 }: Reached) =>
  `${Math.round(residentMiB - privateMiB)} MiB of it are pages of the mapped program, which an initramfs has in memory anyway`

const startOfNode = (_: Reached, rows: readonly Reached[]) => {
  const ready = rows.find(({ name }) => name === allStages)
  return `the start of Node; ${ready ? rounded(ready.ratio, 100) : 'less'} when it is over, as in a boot`
}

const allStages = 'all seven stages, one file'

const targets: readonly Target[] = [
  { row: 'print the version', ratio: 5 },
  { row: 'parse, check, merge 1 MB', ratio: 0.5 },
  { row: 'files: one', residentMiB: 55, stoppedBy: mappedProgram },
  { row: 'files: 3,000 inline', ratio: 0.7 },
  { row: 'files: 200 remote', ratio: 0.1 },
  { row: 'one remote file of', ratio: 1, residentMiB: 80 },
  { row: 'the same, gzip', ratio: 1, residentMiB: 80 },
  { row: `${allStages}, with a start of Node`, ratio: 1, stoppedBy: startOfNode },
  {
    row: 'what the initramfs grows by',
    megabytes: 20,
    stoppedBy: () => "Node's machine code packs to 13 MB by itself (docs/decisions/single-executable.md)",
  },
]

/** A line for everything that the rows were to reach and did not: what, and what stops it where that is known. */
export const missedTargets = (rows: readonly Reached[]): readonly string[] =>
  targets.flatMap((target) =>
    rows
      .filter(({ name }) => name.startsWith(target.row))
      .flatMap((row) => missed(target, row).map((line) => line + (reasonOf(target, row, rows) ?? ''))),
  )

/** Targets of rows that there are not: a row has another name now. */
export const lostTargets = (rows: readonly Reached[]): readonly string[] =>
  targets.map(({ row }) => row).filter((row) => !rows.some(({ name }) => name.startsWith(row)))

const reasonOf = ({ stoppedBy }: Target, row: Reached, rows: readonly Reached[]) =>
  stoppedBy && `; what stops it: ${stoppedBy(row, rows)}`

function missed(target: Target, reached: Reached): readonly string[] {
  const figures = [
    { what: 'of the reference', got: rounded(reached.ratio, 100), most: target.ratio },
    { what: 'MiB resident', got: rounded(reached.residentMiB ?? 0, 1), most: target.residentMiB },
    { what: 'MB', got: rounded(reached.megabytes ?? 0, 10), most: target.megabytes },
  ]
  return figures.flatMap(({ what, got, most }) =>
    most !== undefined && got > most
      ? [`${reached.name}: ${got} ${what}, at most ${most} was the target`]
      : [],
  )
}

/** As the table shows it. */
const rounded = (value: number, parts: number) => Math.round(value * parts) / parts
