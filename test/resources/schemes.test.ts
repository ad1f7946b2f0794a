import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemes } from '../../src/resources/schemes.ts'

const page = readFileSync(new URL('../../docs/fetching.md', import.meta.url), 'utf8')

/** First column of the page's table of schemes, and whether its row says that the scheme is not built. */
const rows = (/## Schemes\n\n(.*?)\n\n/s.exec(page)?.[1] ?? '')
  .split('\n')
  .slice(2)
  .map((row) => row.split('|'))

const documented = Object.fromEntries(
  rows.flatMap(([, names = '', what = '']) =>
    names.includes('`')
      ? [...names.matchAll(/`(\w+)`/g)].map(
          ([, name = '']) => [name, what.includes('FL_UNSUPPORTED')] as const,
        )
      : [['', false] as const],
  ),
)

test('the page has every scheme, and says which are not built', () => {
  const table = Object.entries(schemes).map(([name, { kind }]) => [name, kind === 'planned'] as const)
  expect(documented).toEqual(Object.fromEntries(table))
})
