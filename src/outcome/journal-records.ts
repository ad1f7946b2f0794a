import type { System } from '../system/system.ts'
import type { Failure } from './failure.ts'
import type { OutcomeReport } from './report.ts'

/** Ids of "a stage has failed" and "provisioning has ended": watchers and scripts wait for them. */
const failureMessageId = '3e9f85d672e649ecaed378eb0513d5e9'
const outcomeMessageId = '529e097b17b4412a9a1c3b3778b17d1a'

/** A datagram ends at about 200 kB: a longer report is only named. */
const longestReportBytes = 100_000

/** A failed stage as fields of a record. */
export function tellFailure(system: System, failure: Failure): void {
  const { stage, code, causes, hint, step, place } = failure
  system.journal({
    MESSAGE: `stage ${stage} failed: ${causes.join(': ')}`,
    PRIORITY: '2',
    MESSAGE_ID: failureMessageId,
    FIRSTLIGHT_CODE: code,
    FIRSTLIGHT_STAGE: stage,
    FIRSTLIGHT_HINT: hint,
    ...(step === undefined ? {} : { FIRSTLIGHT_STEP: step }),
    ...(place === undefined
      ? {}
      : {
          FIRSTLIGHT_CONFIG_SOURCE: place.source,
          FIRSTLIGHT_CONFIG_PATH: place.path,
          FIRSTLIGHT_CONFIG_LINE: String(place.line),
          FIRSTLIGHT_CONFIG_COLUMN: String(place.column),
        }),
  })
}

/** The outcome of a boot, with the report when it fits. */
export function tellOutcome(system: System, report: OutcomeReport, path: string): void {
  const text = JSON.stringify(report)
  const steps = report.stages.reduce((count, stage) => count + stage.steps.length, 0)
  system.journal({
    MESSAGE: `provisioning ended: ${report.outcome}, ${steps} steps; the report is in ${path}`,
    PRIORITY: '6',
    MESSAGE_ID: outcomeMessageId,
    FIRSTLIGHT_OUTCOME: report.outcome,
    FIRSTLIGHT_REPORT_PATH: path,
    ...(Buffer.byteLength(text) > longestReportBytes ? {} : { FIRSTLIGHT_REPORT: text }),
  })
}
