import { expect, test } from 'vitest'
import { lostTargets, missedTargets } from '../../build/bench-targets.ts'

const large = { name: 'one remote file of 1024 MiB', ratio: 1, residentMiB: 74 }

test('a row that reaches its targets is not spoken of', () => {
  expect(missedTargets([large])).toEqual([])
  expect(missedTargets([{ ...large, ratio: 1.004, residentMiB: 80.4 }])).toEqual([])
})

test('what a row misses is said with what stops it, each figure by itself', () => {
  const [ratio = '', resident = '', ...more] = missedTargets([{ ...large, ratio: 1.07, residentMiB: 85 }])
  expect(ratio).toMatch(/^one remote file of 1024 MiB: 1.07 of the reference, at most 1 was the target; \w/)
  expect(resident).toMatch(/^one remote file of 1024 MiB: 85 MiB resident, at most 80 was the target; \w/)
  expect(more).toEqual([])
  expect(missedTargets([{ name: 'what the initramfs grows by', ratio: 4, megabytes: 22.1 }])).toHaveLength(1)
})

test('a row without a target is not spoken of, a target without a row is', () => {
  const other = { name: 'validate one file', ratio: 9 }
  expect(missedTargets([other])).toEqual([])
  expect(lostTargets([large, other])).toContain('files: one')
  expect(lostTargets([large, other])).not.toContain('one remote file of')
})
