import { IgnitionError } from '../errors.ts'
import type { Fetcher } from '../resources/settings.ts'
import { withinTime } from '../resources/within-time.ts'
import type { System } from '../system/system.ts'
import { headerList } from './metadata.ts'
import type { StatusService } from './source.ts'

export interface StatusReport {
  readonly system: System
  readonly fetcher: Fetcher
  readonly service: StatusService
  readonly stage: string
  /** Why the stage failed; undefined when it did not. */
  readonly failure: string | undefined
}

/** Tells the platform how a stage ended. Never throws: a boot does not depend on who hears of it. */
export async function reportStatus(report: StatusReport): Promise<void> {
  const { system, fetcher, service, stage } = report
  if (fetcher.offline) {
    system.log('debug', 'POST Status: not without the network')
    return
  }
  try {
    const { timeoutSeconds: seconds, url } = service
    const late = (cause: unknown) =>
      new IgnitionError({ code: 'FL_FETCH_TIMEOUT', message: `${url}: no answer within ${seconds} s`, cause })
    await withinTime({ system, seconds, late }, (signal) => send(report, signal))
    system.log('info', `POST Status: told the platform how stage ${stage} ended`)
  } catch (error) {
    system.log('err', `POST Status error: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function send(
  { fetcher, service, stage, failure }: StatusReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ends = signal ? { signal } : {}
  const { body } = await fetcher.ask({ url: service.url, headers: headerList(service.headers), ...ends })
  const event =
    failure === undefined
      ? { state: 'running', message: `[${stage}] Ignition status: finished successfully` }
      : { state: 'failed', message: `[${stage}] Ignition error: ${failure}` }
  await fetcher.ask({
    method: 'POST',
    url: eventsUrl(body, service),
    headers: headerList({ 'Content-Type': 'application/json' }),
    body: Buffer.from(JSON.stringify(event)),
    ...ends,
  })
}

function eventsUrl(body: Uint8Array, { url, field, suffix, path }: StatusService): string {
  const address = addressIn(new TextDecoder().decode(body), field)
  if (address === undefined)
    throw new IgnitionError({ code: 'FL_FETCH', message: `${url} has no "${field}"` })
  return `${address.endsWith(suffix) ? address.slice(0, -suffix.length) : address}${path}`
}

function addressIn(text: string, field: string): string | undefined {
  try {
    const value: unknown = (JSON.parse(text) as Record<string, unknown>)[field]
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}
