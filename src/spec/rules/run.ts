import { type Config, configField } from '../config.ts'
import type { Field, ObjectField } from '../field.ts'
import type { ConfigPath, ReportEntry } from '../report.ts'
import { isSince, type Version } from '../versions.ts'
import { catalogue, type RuleId } from './catalogue.ts'
import { type Check, type Scope, scopeOf } from './check.ts'
import { diskChecks } from './disks.ts'
import { filesystemChecks } from './filesystems.ts'
import { nodeChecks } from './nodes.ts'
import { resourceChecks } from './resources.ts'
import { unitChecks } from './units.ts'
import { volumeChecks } from './volumes.ts'

/** Every check; those of one object are reported in this order. */
const checks: readonly Check[] = [
  ...nodeChecks,
  ...filesystemChecks,
  ...resourceChecks,
  ...diskChecks,
  ...volumeChecks,
  ...unitChecks,
]

/** What to look at below some object: only branches with a check in them. */
interface Plan {
  readonly looks: readonly Check['look'][]
  readonly members: readonly { readonly name: string; readonly isList: boolean; readonly plan: Plan }[]
}

function planFor(field: Field, path: string): Plan | undefined {
  const looks = checks.filter(({ on }) => on === path).map(({ look }) => look)
  const members = field.kind === 'object' ? memberPlans(field, path) : []
  return looks.length === 0 && members.length === 0 ? undefined : { looks, members }
}

function memberPlans(field: ObjectField, path: string): Plan['members'] {
  return Object.entries(field.fields).flatMap(([name, member]) => {
    const isList = member.kind === 'list'
    const at = `${path === '' ? '' : `${path}.`}${name}${isList ? '[]' : ''}`
    const plan = planFor(isList ? member.item : member, at)
    return plan === undefined ? [] : [{ name, isList, plan }]
  })
}

let wholePlan: Plan | undefined

/** A report entry without its place in the text. */
export type PlainEntry = ReportEntry & { readonly rule: RuleId }

/** Makes a report entry in the words of the rule. */
export const entryOf = (rule: RuleId, path: ConfigPath, detail?: string): PlainEntry => ({
  severity: catalogue[rule].severity ?? 'error',
  rule,
  message: detail === undefined ? catalogue[rule].message : `${catalogue[rule].message}: ${detail}`,
  path,
})

/** Runs all checks, each object before what is in it. */
export function runChecks(config: Config, version: Version): readonly PlainEntry[] {
  wholePlan ??= planFor(configField, '') ?? { looks: [], members: [] }
  const walk: Walk = { entries: [], path: [], version, scope: scopeOf(config, version) }
  visit(walk, wholePlan, config)
  return walk.entries
}

interface Walk {
  readonly entries: PlainEntry[]
  /** Where the walk is. */
  readonly path: (string | number)[]
  readonly version: Version
  readonly scope: Scope
}

function visit(walk: Walk, plan: Plan, value: unknown): void {
  const add = (rule: RuleId, at: ConfigPath, detail?: string): void => {
    if (isPartOf(rule, walk.version)) walk.entries.push(entryOf(rule, [...walk.path, ...at], detail))
  }
  for (const look of plan.looks) look(value as never, add, walk.scope)
  for (const { name, isList, plan: inner } of plan.members) {
    const member = (value as Record<string, unknown>)[name]
    walk.path.push(name)
    if (isList) visitItems(walk, inner, member as readonly unknown[])
    else visit(walk, inner, member)
    walk.path.pop()
  }
}

function visitItems(walk: Walk, plan: Plan, items: readonly unknown[]): void {
  for (const [index, item] of items.entries()) {
    walk.path.push(index)
    visit(walk, plan, item)
    walk.path.pop()
  }
}

function isPartOf(rule: RuleId, version: Version): boolean {
  const { since, until } = catalogue[rule]
  return (since === undefined || isSince(version, since)) && (until === undefined || isSince(until, version))
}
