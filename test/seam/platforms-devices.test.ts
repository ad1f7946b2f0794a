import { describe, expect, test } from 'vitest'
import type { IgnitionError } from '../../src/errors.ts'
import { platformIds, platforms } from '../../src/platforms/table.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { faultsOf } from '../helpers/device-faults.ts'
import { emulate } from '../helpers/emulator.ts'
import { leavesOf } from '../helpers/leaves.ts'
import { acquire, machineOf } from '../helpers/platform-case.ts'

const trials = platformIds.flatMap((platform) =>
  leavesOf(platforms[platform]).flatMap((leaf) => {
    const name = leaf.kind === 'drive' ? `drive ${leaf.label}` : leaf.kind
    return faultsOf(leaf, platform).map(([fault, trial]) => ({ platform, name, fault, trial }))
  }),
)

test('every platform asks a server, has a device here, or has nothing of its own', () => {
  const without = platformIds.filter((id) => trials.every(({ platform }) => platform !== id))
  const asking = without.filter((id) => leavesOf(platforms[id]).every(({ kind }) => kind === 'http'))
  expect(without.filter((id) => !asking.includes(id))).toEqual(['metal'])
})

describe.each(trials)('$platform: $name: $fault', ({ platform, trial }) => {
  test('ends as it must', async () => {
    const { given, change, mended, warned = [], expected } = trial
    const emulator = await emulate(given.exchanges ?? [])
    const { fake, system: unchanged } = machineOf(given, emulator)
    const system = { ...unchanged, ...change?.({ system: unchanged, files: fake.files }) }
    const machine = { system, fetcher: createFetcher({ system, offline: false }) }
    let isOver = false
    const ending = acquire(platform, machine)
      .then(
        ({ fetched }) => fetched.map(({ source }) => source),
        (error: IgnitionError) => error,
      )
      .finally(() => {
        isOver = true
      })
    if (mended) {
      const isTold = () => fake.messages.some(({ message }) => message.includes(mended.told))
      while (!isTold() && !isOver) await new Promise((resolve) => setImmediate(resolve))
      expect(isOver).toBe(false)
      mended.by(fake.files)
    }
    const ended = await ending
    if (expected === 'used') expect(ended).toEqual([platform])
    else {
      expect(ended).toMatchObject({ code: expected.code })
      for (const word of expected.words) expect(String(ended)).toContain(word)
      if (expected.code === 'FL_CONFIG_INVALID') expect(String(ended)).toContain(`platform ${platform}`)
    }
    const warnings = fake.messages.filter(({ level }) => level === 'warning').map(({ message }) => message)
    for (const word of warned) expect(warnings.some((message) => message.includes(word))).toBe(true)
    expect(fake.mounts.size).toBe(0)
  })
})
