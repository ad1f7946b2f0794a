import type { Fetcher } from '../resources/settings.ts'
import { runFile } from '../run-files.ts'
import type { System } from '../system/system.ts'
import { tellOutcome } from './journal-records.ts'
import { addToPool, isOnHyperV, kvpPool, kvpRecord } from './kvp.ts'
import { writeToPort } from './port.ts'
import type { OutcomeReport } from './report.ts'
import type { ReportWays } from './ways.ts'

export interface Sending {
  readonly system: System
  readonly fetcher: Fetcher
  readonly ways: ReportWays
  readonly report: OutcomeReport
}

/**
 * Sends the report by every way that is open, all at once. Never throws, and ends within 30 s: a boot does not depend on
 * who hears of it.
 */
export async function sendReport(sending: Sending): Promise<void> {
  const { system, ways, report } = sending
  if (ways.journal) tellOutcome(system, report, runFile(system, 'report'))
  await Promise.all([
    attempt(system, 'the port', () => toPort(sending)),
    attempt(system, 'the data exchange of Hyper-V', async () => toPool(sending)),
    attempt(system, 'the URL', () => toUrl(sending)),
    attempt(system, 'Azure', () => toAzure(sending)),
  ])
}

async function attempt(system: System, whom: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    system.log('warning', `the outcome report does not reach ${whom}: ${reason}`)
  }
}

async function toPort({ system, ways, report }: Sending): Promise<void> {
  if (ways.port === undefined) return
  if (await writeToPort(system, ways.port, JSON.stringify(report)))
    system.log('info', `outcome report written to port "${ways.port}"`)
}

/** That of a success is in the new root, where the daemon will look for it. */
function toPool({ system, ways, report }: Sending): void {
  if (!ways.kvp || report.failure === undefined || !isOnHyperV(report.platform)) return
  addToPool(system, kvpPool, kvpRecord(system, report.failure))
}

async function toUrl({ system, fetcher, ways, report }: Sending): Promise<void> {
  if (ways.url === undefined) return
  const { post } = await import('./webhook.ts')
  await post(system, fetcher, { url: ways.url, type: 'application/json', body: JSON.stringify(report) })
  system.log('info', 'outcome report sent')
}

async function toAzure({ system, fetcher, ways, report }: Sending): Promise<void> {
  const isWanted = ways.azure === 'all' || (ways.azure === 'failure' && report.outcome === 'failed')
  if (report.platform !== 'azure' || !isWanted) return
  const { reportToAzure } = await import('./azure.ts')
  const { failure } = report
  await reportToAzure(system, fetcher, failure && `${failure.code}: ${failure.causes.join(': ')}`)
  system.log('info', 'Azure was told how provisioning ended')
}
