import type { ReportEntry } from '../report.ts'
import type { RuleId } from '../rules/catalogue.ts'
import { entryOf } from '../rules/entry.ts'
import type { Origin } from './tree.ts'

/** An entry that still has an offset instead of a position. */
export interface Finding {
  readonly entry: ReportEntry
  readonly offset: number
}

/** Collects what is to be said about a YAML config; the first at each place counts. */
export class Findings {
  readonly list: Finding[] = []
  readonly #places = new Set<string>()

  /** `detail` stands behind the message of the rule; `hint` is what may help. */
  add(rule: RuleId, { path, offset }: Origin, detail?: string, hint?: string): void {
    const place = JSON.stringify([path, offset])
    if (this.#places.has(place)) return
    this.#places.add(place)
    const entry = entryOf(rule, path, detail)
    this.list.push({ entry: hint === undefined ? entry : { ...entry, hint }, offset })
  }

  get fatal(): boolean {
    return this.list.some(({ entry }) => entry.severity === 'error')
  }
}
