import type { OutcomeReport } from '../../outcome/report.ts'

export interface ResultFacts {
  /** Where the report goes, absolute on the machine. */
  readonly target: string
  readonly bootId: string
  readonly now: Date
  /** Minutes that local time is ahead of UTC. */
  readonly offsetMinutes: number
  readonly userConfigProvided: boolean
  /** The report of the run before, unless this is a live image, whose reports do not outlive it. */
  readonly previous: unknown
  /** What the stages have done until now, in a member of its own. */
  readonly outcome: OutcomeReport | undefined
}

export interface ResultStep {
  readonly target: string
  readonly text: string
}

/** The result file of this run; later tools of a distribution read it by these names. */
export function planResult(facts: ResultFacts): readonly ResultStep[] {
  const report = {
    provisioningBootID: facts.bootId,
    provisioningDate: rfc3339(facts.now, facts.offsetMinutes),
    userConfigProvided: facts.userConfigProvided,
    previousReport: facts.previous,
  }
  const text = JSON.stringify(report, undefined, 2)
  // in one line: it may have thousands of steps
  const own = facts.outcome && `,\n  "firstlight": ${JSON.stringify(facts.outcome)}\n}`
  return [{ target: facts.target, text: `${own === undefined ? text : text.slice(0, -2) + own}\n` }]
}

/** Local time with its offset, to the second: https://www.rfc-editor.org/rfc/rfc3339 */
export function rfc3339(time: Date, offsetMinutes: number): string {
  const local = new Date(time.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19)
  if (offsetMinutes === 0) return `${local}Z`
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.abs(offsetMinutes)
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
