import { describe, expect, test } from 'vitest'
import {
  dividedPair,
  followers,
  parseSuperblock,
  type Superblock,
} from '../../../src/sections/raid/superblock.ts'

const exported = `MD_LEVEL=raid1
MD_DEVICES=2
MD_NAME=any:pair
MD_ARRAY_SIZE=15.73MB
MD_UUID=6ad7f0cf:905cc403:1ce0a69f:1a4e427f
MD_EVENTS=2
`

const examined = (role: string, state: string) => `/dev/loop3p1:
          Magic : a92b4efc
        Version : 1.2
           Name : any:pair
     Raid Level : raid1
   Raid Devices : 2
         Events : 2

   Device Role : ${role}
   Array State : ${state} ('A' == active, '.' == missing, 'R' == replacing)
`

test('a superblock is read from what mdadm prints', () => {
  const read = (role: string, state: string) => parseSuperblock('/dev/sda', exported, examined(role, state))
  expect(read('Active device 1', '.A')).toEqual({
    node: '/dev/sda',
    uuid: '6ad7f0cf:905cc403:1ce0a69f:1a4e427f',
    name: 'any:pair',
    level: 'raid1',
    activeCount: 2,
    slot: 1,
    seen: '.A',
  })
  expect(read('spare', 'AA').slot).toBeUndefined()
  expect(
    parseSuperblock('/dev/sda', exported, '          Magic : a92b4efc\n        Version : 0.90.00\n'),
  ).toMatchObject({
    slot: undefined,
    seen: '',
  })
})

/** A device by its slot, and what it has seen of the others. */
const of = (slot: number | undefined, seen: string): Superblock => ({
  node: `/dev/${slot ?? 'spare'}`,
  uuid: 'u',
  name: 'any:data',
  level: 'raid1',
  activeCount: 2,
  slot,
  seen,
})

describe('devices of an array', () => {
  const cases: readonly (readonly [string, readonly Superblock[], readonly string[] | undefined])[] = [
    ['that have never been apart', [of(0, 'AA'), of(1, 'AA')], undefined],
    ['one of which ran alone', [of(0, 'A.'), of(1, 'AA')], undefined],
    ['both of which ran alone', [of(0, 'A.'), of(1, '.A')], ['/dev/0', '/dev/1']],
    ['with a spare', [of(0, 'AA'), of(1, 'AA'), of(undefined, 'AA')], undefined],
    ['of a format without words for it', [of(undefined, ''), of(undefined, '')], undefined],
    ['two of which ran without the third', [of(0, 'AA.'), of(1, 'AA.'), of(2, 'AAA')], undefined],
    ['the third of which ran without one', [of(0, 'AA.'), of(1, 'AA.'), of(2, 'A.A')], ['/dev/1', '/dev/2']],
  ]
  test.each(cases)('%s', (_, superblocks, divided) => {
    expect(dividedPair(superblocks)).toEqual(divided)
  })

  test('follow an array only when they hold nothing that it lacks', () => {
    expect(followers([of(0, 'A.'), of(1, 'AA')], ['/dev/0'])).toEqual(['/dev/1'])
    expect(followers([of(0, 'A.'), of(1, '.A')], ['/dev/0'])).toEqual([])
    expect(followers([of(0, ''), of(1, '')], ['/dev/0'])).toEqual([])
    expect(followers([of(0, 'AA'), of(undefined, 'AA')], ['/dev/0'])).toEqual(['/dev/spare'])
    expect(followers([of(0, 'AA'), of(1, 'AA')], ['/dev/0', '/dev/1'])).toEqual([])
  })
})
