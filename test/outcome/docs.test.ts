import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readReportWays } from '../../src/outcome/ways.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const page = readFileSync(new URL('../../docs/outcome-report.md', import.meta.url), 'utf8')

/** Names in the first column of the tables below a heading. */
function named(heading: string): string[] {
  const part = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...part.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name)
}

test('the page has every way out, with its default', () => {
  const ways = readReportWays(fakeSystem())
  expect(named('Ways out').toSorted()).toEqual(Object.keys(ways).toSorted())
  for (const [way, value] of Object.entries(ways)) {
    const shown = value === true ? 'yes' : (value ?? 'no')
    expect(page).toMatch(new RegExp(`^\\| \`${way}\` +\\|.*\\| \`${shown}\` +\\|`, 'm'))
  }
})

test('the page has every member', () => {
  const types = ['report', 'failure'].map((name) =>
    readFileSync(new URL(`../../src/outcome/${name}.ts`, import.meta.url), 'utf8'),
  )
  const members = types.flatMap((text) =>
    [...text.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name ?? ''),
  )
  expect(members.length).toBeGreaterThan(25)
  const missing = members.filter((name) => !page.includes(`\`${name}\``))
  expect(missing).toEqual([])
})
