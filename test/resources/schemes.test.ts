import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemes } from '../../src/resources/schemes.ts'

const page = readFileSync(new URL('../../docs/fetching.md', import.meta.url), 'utf8')

/** First column of the page's table of schemes. */
const documented = (/## Schemes\n\n(.*?)\n\n/s.exec(page)?.[1] ?? '')
  .split('\n')
  .slice(2)
  .flatMap((row) => {
    const [, names = ''] = row.split('|')
    return names.includes('`') ? [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name) : ['']
  })

test('the page has every scheme, and no other', () => {
  expect(documented.toSorted()).toEqual(Object.keys(schemes).toSorted())
})
