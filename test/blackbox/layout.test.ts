import { expect, test } from 'vitest'
import { atEveryVersion, type Case } from './case.ts'
import { imageBytes, place, typeGuidOf } from './layout.ts'

const blank = { TypeCode: 'blank', Length: 100 }

test('partitions start at the alignment, and a blank one takes up room', () => {
  const disk = {
    Alignment: 2048,
    Partitions: [{ Number: 1, Length: 2049 }, blank, { Number: 4, Length: 2048 }],
  }
  expect(place(disk).map(({ number, start, sectors }) => [number, start, sectors])).toEqual([
    [1, 2048, 4096],
    [4, 8192, 2048],
  ])
})

test('an image has room for the table and its backup around the larger of both disks', () => {
  const [small, large] = [1, 2].map((count) => ({ Alignment: 2048, Partitions: Array(count).fill(blank) }))
  if (small === undefined || large === undefined) throw new Error('no disks')
  expect(imageBytes(small, large)).toBe((2048 + 2 * 2048 + 33) * 512)
  expect(imageBytes(large, small)).toBe(imageBytes(small, large))
})

test('a type is named by its GUID or by a word', () => {
  expect(typeGuidOf({ Length: 1, TypeGUID: 'x', TypeCode: 'data' })).toBe('x')
  expect(typeGuidOf({ Length: 1, TypeCode: 'efi' })).toBe('C12A7328-F81F-11D2-BA4B-00A0C93EC93B')
  expect(typeGuidOf({ Length: 1 })).toBeUndefined()
})

test('a case is run at each version from its oldest to its newest', () => {
  const config = (version: string) => `{"ignition": {"version": "${version}"}, "x": {"version": "3.1.0"}}`
  const one: Case = {
    Name: 'a.case 3.1.0',
    Kind: 'positive',
    In: [],
    Out: [],
    Config: config('3.1.0'),
    ConfigVersion: '3.1.0',
    ConfigMinVersion: '3.1.0',
    ConfigMaxVersion: '3.3.0',
  }
  expect(atEveryVersion(one).map(({ Name, Config }) => [Name, Config])).toEqual(
    ['3.1.0', '3.2.0', '3.3.0'].map((version) => [`a.case ${version}`, config(version)]),
  )
  const { ConfigMaxVersion, ...open } = one
  expect(atEveryVersion(open).at(-1)?.Name).toBe('a.case 3.7.0-experimental')
  expect(ConfigMaxVersion).toBe('3.3.0')
  expect(atEveryVersion({ ...one, ConfigMinVersion: '3.0.0-experimental' })).toHaveLength(1)
})
