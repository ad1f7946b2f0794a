import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { snakeOf } from '../../../src/spec/yaml/shape.ts'
import { sugar } from '../../../src/spec/yaml/sugar.ts'
import { variants, versionsOf } from '../../../src/spec/yaml/variants.ts'

const page = readFileSync(new URL('../../../docs/yaml.md', import.meta.url), 'utf8')

/** `1.2.0 to 1.4.0 and 2.0.0 → 3.2.0, …` in the page's table of variants, one by one. */
function documented(name: string): readonly string[] {
  const order = versionsOf(name).map(({ version }) => version)
  const cell =
    page
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\``))
      ?.split('|')[2] ?? ''
  return cell.split(',').flatMap((part) => {
    const [listed = '', spec = ''] = part.split('→').map((side) => side.trim())
    return listed.split(' and ').flatMap((range) => {
      const [first = '', last = first] = range.split(' to ')
      const within = order.slice(order.indexOf(first), order.indexOf(last) + 1)
      return within.map((version) => `${version} → ${spec}`)
    })
  })
}

test.each([...new Set(variants.map(({ name }) => name))])('the page lists the versions of %s', (name) => {
  const rows = versionsOf(name).map(({ version, spec }) => `${version} → ${spec}`)
  expect(documented(name).toSorted()).toEqual(rows.toSorted())
})

test.each([...new Set(sugar.map(({ name }) => snakeOf(name)))])('the page tells of %s', (key) => {
  expect(page).toContain(key)
})
