import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/spec/read-config.ts'
import { formatPath, type Report } from '../../src/spec/report.ts'

type Entry = [severity: string, path: string, line: number | null, column: number | null, rule: string]
interface Expectation {
  readonly exit: number
  readonly entries: readonly Entry[]
  readonly error: string | null
}
interface Vectors {
  readonly byVersion: readonly {
    readonly name: string
    readonly config: string
    readonly expect: readonly (Expectation & { readonly versions: readonly string[] })[]
  }[]
  readonly raw: readonly (Expectation & { readonly config: string })[]
}

/** What the reference said about many configs, recorded beside the project. */
const file = new URL('../../../shared/vectors/config.json', import.meta.url)

const entriesOf = (report: Report): readonly Entry[] =>
  report.map(({ severity, path, position, rule }) => [
    severity,
    path.length === 0 ? '' : formatPath(path),
    position?.line ?? null,
    position?.column ?? null,
    rule,
  ])

async function verdictOf(text: string): Promise<Expectation> {
  const outcome = await readConfig(new TextEncoder().encode(text))
  switch (outcome.kind) {
    case 'config':
      return { exit: 0, entries: entriesOf(outcome.report), error: null }
    case 'invalid':
      return { exit: 1, entries: entriesOf(outcome.report), error: null }
    case 'empty':
      return { exit: 1, entries: [], error: 'EMPTY' }
    case 'version':
      return { exit: 1, entries: [], error: `VERSION-${outcome.reason.toUpperCase()}` }
  }
}

/**
 * Entries in their order, but for unused keys, which the reference has in none. Where the reference prints line 0
 * column 0, the end of the input, the real position is given instead: see docs/differences.md.
 */
function comparable({ exit, entries, error }: Expectation, reference: Expectation): unknown {
  const unplaced = reference.entries.some((entry) => entry[2] === 0)
  const rows = (wanted: boolean) =>
    entries
      .filter((entry) => (entry[4] === 'UNUSED') === wanted)
      .map((entry) => JSON.stringify(unplaced ? [entry[0], entry[1], entry[4]] : entry))
  return { exit, error, entries: [...rows(false), ...rows(true).toSorted()] }
}

async function check(text: string, reference: Expectation): Promise<void> {
  expect(comparable(await verdictOf(text), reference)).toEqual(comparable(reference, reference))
}

describe.runIf(existsSync(file))('recorded configs', () => {
  const vectors = JSON.parse(
    existsSync(file) ? readFileSync(file, 'utf8') : '{"byVersion":[],"raw":[]}',
  ) as Vectors
  const cases = vectors.byVersion.flatMap(({ name, config, expect: rows }) =>
    rows.flatMap((row) => row.versions.map((version) => ({ name, version, config, row }))),
  )
  test.each(cases)('$name $version $config', async ({ config, version, row }) => {
    await check(config.replaceAll('@V@', version), row)
  })
  test.each(vectors.raw)('$config', async (row) => {
    await check(row.config, row)
  })
})
