import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedFiles } from '../../build/generated.ts'

test.each(generatedFiles)('$path is what build/generate.ts writes', ({ path, text }) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8') === text()).toBe(true)
})
