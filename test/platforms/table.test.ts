import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isPlatformId, platformIds } from '../../src/platforms/table.ts'

const page = readFileSync(new URL('../../docs/platforms.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([^`]+)` *\| (.*?) *\|$/gm)].map(([, id = '']) => id)

test('the page lists the platforms of the table, in order', () => {
  expect(rows).toEqual(platformIds)
})

test('the 31 ids of the reference, and nothing inherited', () => {
  expect(platformIds).toHaveLength(31)
  expect(isPlatformId('qemu')).toBe(true)
  expect(isPlatformId('constructor')).toBe(false)
  expect(isPlatformId('ec2')).toBe(false)
})
