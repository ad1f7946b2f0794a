import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatPath, type Report } from '../../../src/spec/report.ts'
import { catalogue, type RuleId } from '../../../src/spec/rules/catalogue.ts'
import { type Version, versions } from '../../../src/spec/versions.ts'
import { reportOf, reportOfBytes } from '../../helpers/parse.ts'

const cases = new URL('../../../fixtures/configs/', import.meta.url)
const rules = Object.keys(catalogue) as RuleId[]

const configOf = (rule: RuleId): string => readFileSync(new URL(`${rule}/config.ign`, cases), 'utf8')

/** Rules that only a YAML config can break have one for a case. */
const isYaml = (rule: RuleId): boolean => existsSync(new URL(`${rule}/config.bu`, cases))

const linesOf = (report: Report): readonly string[] =>
  report.map(({ severity, rule, path, position }) => {
    const place = position === undefined ? '' : ` ${position.line}:${position.column}`
    return `${severity} ${rule} ${formatPath(path)}${place}`
  })

const inVersion = (text: string, version: Version): string =>
  text.replace(/"version": "[^"]*"/, `"version": "${version}"`)

test('every rule has a case, and every case a rule', () => {
  expect(
    readdirSync(cases)
      .filter((name) => /^[A-Z]/.test(name))
      .toSorted(),
  ).toEqual(rules.toSorted())
})

describe.each(rules.filter(isYaml))('%s', (rule) => {
  test('is reported where it is broken, and nothing else is', async () => {
    const expected = readFileSync(new URL(`${rule}/report.txt`, cases), 'utf8')
    const report = await reportOfBytes(readFileSync(new URL(`${rule}/config.bu`, cases)))
    expect(
      linesOf(report)
        .map((line) => `${line}\n`)
        .join(''),
    ).toBe(expected)
    expect(expected).toContain(` ${rule} `)
  })
})

describe.each(rules.filter((rule) => !isYaml(rule)))('%s', (rule) => {
  test('is reported where it is broken, and nothing else is', () => {
    const expected = readFileSync(new URL(`${rule}/report.txt`, cases), 'utf8')
    expect(
      linesOf(reportOf(configOf(rule)))
        .map((line) => `${line}\n`)
        .join(''),
    ).toBe(expected)
    expect(expected).toContain(` ${rule} `)
  })

  test('is only part of its versions', () => {
    const { since, until } = catalogue[rule]
    const before = since === undefined ? [] : versions.slice(0, versions.indexOf(since))
    const behind = until === undefined ? [] : versions.slice(versions.indexOf(until) + 1)
    for (const version of [...before, ...behind]) {
      const found = reportOf(inVersion(configOf(rule), version)).map((entry) => entry.rule)
      expect(found).not.toContain(rule)
    }
  })
})
