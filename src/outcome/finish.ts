import { statusServices } from '../platforms/table.ts'
import type { Fetcher } from '../resources/settings.ts'
import { stages } from '../stages.ts'
import type { FetchedConfig } from '../state.ts'
import type { System } from '../system/system.ts'
import type { Account } from './account.ts'
import { failureOf } from './failure.ts'
import { tellFailure } from './journal-records.ts'
import { assembleReport, forgetPanel, keepReport } from './keep.ts'
import type { ReportWays } from './ways.ts'

export interface Ending {
  readonly system: System
  readonly fetcher: Fetcher
  readonly platform: string
  readonly account: Account
  readonly ways: ReportWays
  readonly configs: readonly FetchedConfig[]
  /** Undefined when the stage has passed. */
  readonly error: unknown
}

/**
 * Closes the account of a stage. The report leaves the machine after a failure, and when all is provisioned; who is slow
 * to take it keeps nobody else waiting.
 */
export async function finishStage(ending: Ending): Promise<void> {
  await Promise.all([tellPlatform(ending), closeAccount(ending).catch(warn(ending.system))])
}

/** Whatever is wrong with an account, the machine is as it is. */
const warn = (system: System) => (error: unknown) =>
  system.log('warning', `there is no outcome report: ${wordsOf(error)}`)

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function tellPlatform({ system, fetcher, platform, account, ways, error }: Ending): Promise<void> {
  const service = ways.packet ? statusServices[platform] : undefined
  if (service === undefined) return
  const { reportStatus } = await import('../platforms/report-status.ts')
  const failure = error === undefined ? undefined : wordsOf(error)
  await reportStatus({ system, fetcher, service, stage: account.stage, failure })
}

async function closeAccount(ending: Ending): Promise<void> {
  const { system, fetcher, platform, account, ways, configs, error } = ending
  const { stage } = account
  const failure = error === undefined ? undefined : failureOf(stage, error)
  const ended = account.soFar(failure === undefined ? 'passed' : 'failed')
  const report = assembleReport(system, { platform, configs, account: ended, failure })
  keepReport(system, report)
  if (failure !== undefined) tellFailure(system, failure)
  if (report.failure === undefined) forgetPanel(system)
  if (failure === undefined && stages[stage].completes !== true) return
  const { sendReport } = await import('./send.ts')
  await sendReport({ system, fetcher, ways, report })
}
