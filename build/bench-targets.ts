// What the benchmark's rows are to reach, and what stops those that do not.

/** The ratio to the reference, or an absolute size, that a row is to reach at most. */
interface Target {
  /** Name of the row, or how it begins. */
  readonly row: string
  readonly ratio?: number
  readonly residentMiB?: number
  readonly megabytes?: number
  /** What was measured to be in the way. */
  readonly stoppedBy: string
}

/** The figures of a row that a target may speak of. */
export interface Reached {
  readonly name: string
  readonly ratio: number
  readonly residentMiB?: number | undefined
  readonly megabytes?: number | undefined
}

const nodeStart =
  'a start of Node takes about 24 ms, and 15 more pass until the process listens; in a boot both are over before the first stage may begin'
const mappedProgram =
  'all but 17 to 20 MiB are pages of the mapped program, shared and never written to; Node alone has 41'
const transfer = 'one thread reads and hashes all bytes: SHA-512 alone takes a second for a GiB'

/** Sources: the project's own goals; how the obstacles were measured is in docs/decisions. */
const targets: readonly Target[] = [
  { row: 'print the version', ratio: 5, stoppedBy: "Node's own start is 4.8 of the reference's" },
  { row: 'parse, check, merge 1 MB', ratio: 0.5, stoppedBy: 'reading, checking and writing the config' },
  { row: 'files: one', residentMiB: 55, stoppedBy: mappedProgram },
  { row: 'files: 3,000 inline', ratio: 0.7, stoppedBy: 'the calls that make a file' },
  { row: 'files: 200 remote', ratio: 0.1, stoppedBy: 'how many downloads run together' },
  { row: 'one remote file of', ratio: 1, residentMiB: 80, stoppedBy: transfer },
  { row: 'the same, gzip', ratio: 1, residentMiB: 80, stoppedBy: transfer },
  { row: 'all seven stages, one file, with a start of Node', ratio: 1, stoppedBy: nodeStart },
  { row: 'what the initramfs grows by', megabytes: 20, stoppedBy: "Node's 46 MB of machine code pack to 14" },
]

/** A line for everything that the rows were to reach and did not: what, and what stops it. */
export const missedTargets = (rows: readonly Reached[]): readonly string[] =>
  targets.flatMap((target) =>
    rows.filter(({ name }) => name.startsWith(target.row)).flatMap((row) => missed(target, row)),
  )

/** Targets of rows that there are not: a row has another name now. */
export const lostTargets = (rows: readonly Reached[]): readonly string[] =>
  targets.map(({ row }) => row).filter((row) => !rows.some(({ name }) => name.startsWith(row)))

function missed(target: Target, reached: Reached): readonly string[] {
  const figures = [
    { what: 'of the reference', got: rounded(reached.ratio, 100), most: target.ratio },
    { what: 'MiB resident', got: rounded(reached.residentMiB ?? 0, 1), most: target.residentMiB },
    { what: 'MB', got: rounded(reached.megabytes ?? 0, 10), most: target.megabytes },
  ]
  return figures.flatMap(({ what, got, most }) =>
    most !== undefined && got > most
      ? [`${reached.name}: ${got} ${what}, at most ${most} was the target; ${target.stoppedBy}`]
      : [],
  )
}

/** As the table shows it. */
const rounded = (value: number, parts: number) => Math.round(value * parts) / parts
