import { readRecord } from '../proof/record.ts'
import { runFile } from '../run-files.ts'
import { formatPath } from '../spec/report.ts'
import { stages } from '../stages.ts'
import type { FetchedConfig } from '../state.ts'
import { makeParents } from '../state-file.ts'
import { readBootId } from '../system/boot-id.ts'
import type { System } from '../system/system.ts'
import { firstlightVersion } from '../version.ts'
import type { Failure } from './failure.ts'
import { type OutcomeReport, reportShape, type StageAccount } from './report.ts'

export interface ReportParts {
  readonly platform: string
  readonly configs: readonly FetchedConfig[]
  /** The stage of this process. */
  readonly account: StageAccount
  readonly failure?: Failure | undefined
}

/**
 * The report of all stages of this boot, with that of this process. A failure stays: the stage that unmounts runs after
 * one.
 */
export function assembleReport(system: System, parts: ReportParts): OutcomeReport {
  const { platform, configs, account } = parts
  const bootId = readBootId(system.files)
  const before = readReport(system)
  const accounts = [...(before?.stages.filter(({ stage }) => stage !== account.stage) ?? []), account]
  const failure = parts.failure ?? before?.failure
  const isCured =
    failure !== undefined && accounts.some((one) => one.stage === failure.stage && one.result !== 'failed')
  const standing = isCured ? undefined : failure
  const isComplete = accounts.some(
    ({ stage, result }) => stages[stage].completes === true && result === 'passed',
  )
  const record = readRecord(system)
  const shown = <T extends { readonly about: Parameters<typeof formatPath>[0] }>({ about, ...rest }: T) => ({
    ...rest,
    path: formatPath(about),
  })
  return {
    shape: reportShape,
    program: { name: 'Firstlight', version: firstlightVersion },
    outcome: standing ? 'failed' : isComplete ? 'provisioned' : 'unfinished',
    platform,
    bootId,
    configs,
    stages: accounts,
    ...(record && { proof: { contents: record.contents.map(shown), unknown: record.unknown.map(shown) } }),
    ...(standing && { failure: standing }),
  }
}

/** What the stages before this one have left; undefined when there is nothing that can be read. */
export function readReport(system: System): OutcomeReport | undefined {
  const path = runFile(system, 'report')
  try {
    if (system.files.lstat(path)?.type !== 'file') return undefined
    const report = JSON.parse(system.files.readText(path)) as OutcomeReport
    return report.shape === reportShape && Array.isArray(report.stages) ? report : undefined
  } catch {
    return undefined
  }
}

/** Keeps the report for the stages after this one, and for whoever looks. */
export const keepReport = (system: System, report: OutcomeReport): void =>
  keep(system, runFile(system, 'report'), `${JSON.stringify(report)}\n`)

/** A stage that failed before has passed at last. */
export function forgetPanel(system: System): void {
  const path = runFile(system, 'panel')
  if (system.files.lstat(path) !== undefined) system.files.remove(path)
}

/** Keeps the last words of a failed stage for the unit that shows them on every console. */
export const keepPanel = (system: System, panel: string): void =>
  keep(system, runFile(system, 'panel'), panel)

/** A report is an extra: it must not be what stops a boot. */
function keep(system: System, path: string, text: string): void {
  try {
    makeParents(system, path, 0o755)
    system.files.write(path, text, { mode: 0o600 })
  } catch (error) {
    system.log('warning', `cannot write "${path}": ${error instanceof Error ? error.message : String(error)}`)
  }
}
