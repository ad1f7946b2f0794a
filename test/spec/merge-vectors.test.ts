import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../src/spec/config.ts'
import { mergeConfigs } from '../../src/spec/merge.ts'
import { parseConfig, validateConfig } from '../../src/spec/parse.ts'
import { formatPath, isFatal, type Report } from '../../src/spec/report.ts'
import { serializeConfig } from '../../src/spec/serialize.ts'

type Origin = 'parent' | 'child' | 'merged'
type Entry = [severity: string, path: string, rule: string, origin: Origin]
interface Case {
  readonly name: string
  readonly exit: number
  readonly result?: unknown
  readonly entries?: readonly Entry[]
}
interface Vectors {
  readonly merge: readonly (Case & { readonly parent: unknown; readonly children: readonly unknown[] })[]
  readonly translate: readonly (Case & { readonly config: unknown })[]
}

/** Cached configs of the reference, recorded beside the project; empty objects and `ignition.config` left out. */
const file = new URL('../../../shared/vectors/merge.json', import.meta.url)

function parse(value: unknown, origin: Origin, entries: Entry[]): Config | undefined {
  const outcome = parseConfig(new TextEncoder().encode(JSON.stringify(value)))
  if (outcome.kind === 'empty' || outcome.kind === 'version') throw new Error(`${origin} is ${outcome.kind}`)
  entries.push(...rowsOf(outcome.report, origin))
  return outcome.kind === 'config' ? outcome.config : undefined
}

const rowsOf = (report: Report, origin: Origin): Entry[] =>
  report.map(({ severity, path, rule }) => [severity, formatPath(path), rule, origin])

function mergeAll(parent: unknown, children: readonly unknown[]): { entries: Entry[]; result?: unknown } {
  const entries: Entry[] = []
  let merged = parse(parent, 'parent', entries)
  for (const child of children) {
    const parsed = parse(child, 'child', entries)
    if (merged === undefined || parsed === undefined) return { entries }
    merged = mergeConfigs(merged, parsed)
  }
  if (merged === undefined) return { entries }
  const report = validateConfig(merged)
  return isFatal(report)
    ? { entries: [...entries, ...rowsOf(report, 'merged')] }
    : { entries, result: withoutEmpty(JSON.parse(serializeConfig(merged))) }
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item) ?? {})
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
    .map(([name, inner]) => [name, withoutEmpty(inner)] as const)
    .filter(([name, inner]) => inner !== undefined && (name !== 'config' || typeof inner === 'string'))
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

describe.runIf(existsSync(file))('recorded merges', () => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{"merge":[],"translate":[]}'
  const vectors = JSON.parse(text) as Vectors
  test.each(vectors.merge)('$name', ({ parent, children, exit, result, entries = [] }) => {
    const got = mergeAll(parent, children)
    expect(got.result).toEqual(result)
    expect(got.result === undefined ? 1 : 0).toBe(exit)
    expect(got.entries).toEqual(entries)
  })

  test.each(vectors.translate)('$name', ({ config, result }) => {
    expect(mergeAll(config, []).result).toEqual(result)
  })
})
