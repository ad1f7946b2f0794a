import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isPlatformId, platformIds, platforms } from '../../src/platforms/table.ts'

const page = readFileSync(new URL('../../docs/platforms.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([^`]+)` *\| (.*?) *\|$/gm)].map(([, id = '', about = '']) => ({
  id,
  about,
}))

test('the page lists the platforms of the table, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(platformIds)
})

test('the page says planned of those that cannot be read yet, and only of those', () => {
  const planned = rows.filter(({ about }) => about === 'planned').map(({ id }) => id)
  expect(planned).toEqual(platformIds.filter((id) => platforms[id]?.kind === 'planned'))
})

test('the 31 ids of the reference, and nothing inherited', () => {
  expect(platformIds).toHaveLength(31)
  expect(isPlatformId('qemu')).toBe(true)
  expect(isPlatformId('constructor')).toBe(false)
  expect(isPlatformId('ec2')).toBe(false)
})
