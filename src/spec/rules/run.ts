import { type Config, configField } from '../config.ts'
import type { ConfigPath, ReportEntry } from '../report.ts'
import { isSince, type Version } from '../versions.ts'
import { catalogue, type RuleId } from './catalogue.ts'
import { type Add, type Check, type Scope, scopeOf } from './check.ts'
import { diskChecks } from './disks.ts'
import { entryOf } from './entry.ts'
import { filesystemChecks } from './filesystems.ts'
import { nodeChecks } from './nodes.ts'
import { type KeyedList, type Plan, planChecks } from './plan.ts'
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

let plan: Plan | undefined

/** What is wrong with a config: the findings of the checks, and the items that stood before. */
export interface RuleReport {
  readonly findings: readonly ReportEntry[]
  readonly duplicates: readonly ReportEntry[]
}

/** Looks at every object of a config that is declared for `version`, each before what is in it. */
export function runRules(config: Config, version: Version): RuleReport {
  plan ??= planChecks(configField, checks)
  const walk = new Walk(scopeOf(config, version), version)
  walk.visit(plan, config)
  return walk
}

type Struct = Readonly<Record<string, unknown>>

class Walk implements RuleReport {
  readonly findings: ReportEntry[] = []
  readonly duplicates: ReportEntry[] = []
  readonly #path: (string | number)[] = []
  readonly #scope: Scope
  readonly #add: Add

  constructor(scope: Scope, version: Version) {
    this.#scope = scope
    this.#add = (rule, at, detail) => {
      if (isPartOf(rule, version)) this.findings.push(entryOf(rule, this.#pathTo(at), detail))
    }
  }

  visit({ looks, keyedLists, members }: Plan, value: unknown): void {
    for (const look of looks) look(value as never, this.#add, this.#scope)
    if (keyedLists.length > 0) this.#findDuplicates(keyedLists, value as Struct)
    for (const { name, isList, plan: inner } of members) {
      const member = (value as Struct)[name]
      this.#path.push(name)
      if (isList) this.#visitItems(inner, member as readonly unknown[])
      else this.visit(inner, member)
      this.#path.pop()
    }
  }

  #visitItems(inner: Plan, items: readonly unknown[]): void {
    for (let index = 0; index < items.length; index++) {
      this.#path.push(index)
      this.visit(inner, items[index])
      this.#path.pop()
    }
  }

  #findDuplicates(lists: readonly KeyedList[], value: Struct): void {
    let namespaces: Map<string, Set<string>> | undefined
    for (const { name, namespace, keyOf } of lists) {
      const items = value[name] as readonly unknown[]
      if (items.length === 0) continue
      namespaces ??= new Map()
      const seen = namespaces.get(namespace) ?? new Set()
      namespaces.set(namespace, seen)
      for (let index = 0; index < items.length; index++) {
        // The key stays out of the message: it may be a URL with a token in it.
        const key = keyOf(items[index])
        if (seen.has(key)) this.duplicates.push(entryOf('DUP', this.#pathTo([name, index])))
        seen.add(key)
      }
    }
  }

  #pathTo(at: ConfigPath): ConfigPath {
    return [...this.#path, ...at]
  }
}

function isPartOf(rule: RuleId, version: Version): boolean {
  const { since, until } = catalogue[rule]
  return (since === undefined || isSince(version, since)) && (until === undefined || isSince(until, version))
}
