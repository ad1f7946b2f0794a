import { expect, test } from 'vitest'
import { lostTargets, missedTargets } from '../../build/bench-targets.ts'

const large = { name: 'one remote file of 1024 MiB', ratio: 1, residentMiB: 74 }

test('a row that reaches its targets is not spoken of', () => {
  expect(missedTargets([large])).toEqual([])
  expect(missedTargets([{ ...large, ratio: 1.004, residentMiB: 80.4 }])).toEqual([])
})

test('what a row misses is said, each figure by itself', () => {
  expect(missedTargets([{ ...large, ratio: 1.07, residentMiB: 85 }])).toEqual([
    'one remote file of 1024 MiB: 1.07 of the reference, at most 1 was the target',
    'one remote file of 1024 MiB: 85 MiB resident, at most 80 was the target',
  ])
})

test('what stops it comes from the same run', () => {
  const rows = [
    { name: 'files: one', ratio: 4, residentMiB: 64, privateMiB: 17 },
    { name: 'all seven stages, one file', ratio: 0.64 },
    { name: 'all seven stages, one file, with a start of Node', ratio: 1.31 },
  ]
  const [memory, start, ...more] = missedTargets(rows)
  expect(memory).toContain('55 was the target; what stops it: 47 MiB of it are pages of the mapped program')
  expect(start).toContain('1 was the target; what stops it: the start of Node; 0.64 when it is over')
  expect(more).toEqual([])
})

test('a row without a target is not spoken of, a target without a row is', () => {
  const other = { name: 'validate one file', ratio: 9 }
  expect(missedTargets([other])).toEqual([])
  expect(lostTargets([large, other])).toContain('files: one')
  expect(lostTargets([large, other])).not.toContain('one remote file of')
})
