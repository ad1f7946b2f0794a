import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { budgetPath, measureSizes, type Sizes } from '../../build/size.ts'

/** What a size may be above its budget. */
const growth = 1.02

const budget = JSON.parse(readFileSync(budgetPath, 'utf8')) as Sizes
let sizes: Sizes

beforeAll(() => {
  spawnSync(process.execPath, ['build/bundle.ts'])
  sizes = measureSizes()
})

// the budget is for the architecture that CI runs on
test.each(['bundle', 'executable', 'compressed'] as const)(
  'the size %s is within 2 %% of its budget; `node build/size.ts` sets a new one',
  (name) => {
    expect(sizes[name]).toBeLessThanOrEqual(budget[name] * growth)
  },
)
