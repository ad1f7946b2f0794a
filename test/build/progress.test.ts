import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { eventOf, stageSeconds } from '../../build/progress.ts'

const event = (line: string) => {
  const found = eventOf(line)
  return found === undefined ? undefined : stripVTControlCharacters(found)
}

test('tells a stage that begins, ends and fails apart', () => {
  const unit = 'ignition-disks.service - Ignition: disks'
  expect(event(`         Starting ${unit}...`)).toMatch(/^disks .* \.\.\.$/)
  expect(event(`[  OK  ] Finished ${unit}.`)).toMatch(/^disks .* done$/)
  expect(event(`[FAILED] Failed to start ${unit}.`)).toMatch(/^disks .* failed$/)
  expect(event(`[  OK  ] Stopped ${unit}.`)).toBeUndefined()
})

test('leaves out stages that were skipped, and times one that failed', () => {
  const units = new Map([
    ['ignition-files.service', { startingAt: 8, failedAt: 8.5 }],
    ['ignition-fetch-offline.service', { startingAt: 2, startedAt: 3 }],
    ['ignition-fetch.service', { startedAt: 3.1 }],
  ])
  expect(stageSeconds(units)).toEqual([
    { stage: 'fetch-offline', seconds: 1 },
    { stage: 'files', seconds: 0.5 },
  ])
})
