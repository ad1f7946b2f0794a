import { describe, expect, test } from 'vitest'
import { result } from '../../../src/sections/result/index.ts'
import { rfc3339 } from '../../../src/sections/result/plan.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { provision, type StageOptions, stage } from '../../helpers/stage.ts'

const path = '/sysroot/etc/.ignition-result.json'
const bootId = { '/proc/sys/kernel/random/boot_id': '0a1b\n' }
const now = new Date('2026-07-23T10:20:30.456Z')

const setUp = async (options: FakeOptions, rest: Partial<StageOptions> = {}) => {
  const system = fakeSystem({
    start: now,
    ...options,
    files: { ...bootId, '/sysroot/etc': null, ...options.files },
  })
  const context = stage({ system, config: {}, ...rest })
  await provision(context, result)
  const text = system.files.lstat(path) ? system.files.readText(path) : undefined
  const warnings = system.messages.filter(({ level }) => level === 'warning' || level === 'notice')
  return { system, context, text, warnings }
}

const report = (rest: object = {}) => ({
  provisioningBootID: '0a1b',
  provisioningDate: rfc3339(now, -now.getTimezoneOffset()),
  userConfigProvided: false,
  ...rest,
})

describe('the result file', () => {
  test('says when and from what, to root alone', async () => {
    const fetchedConfigs = [
      { kind: 'base', source: 'system', referenced: false },
      { kind: 'user', source: 'qemu', referenced: false },
    ] as const
    const { system, context, text, warnings } = await setUp({}, { state: { fetchedConfigs } })
    expect(text).toBe(`${JSON.stringify(report({ userConfigProvided: true }), undefined, 2)}\n`)
    expect(system.files.lstat(path)).toMatchObject({ mode: 0o600, uid: 0, gid: 0 })
    expect([...context.written]).toEqual([path])
    expect(warnings).toEqual([])
  })

  test('a base config alone is no user config', async () => {
    const fetchedConfigs = [{ kind: 'base', source: 'system', referenced: false }] as const
    const { text } = await setUp({}, { state: { fetchedConfigs } })
    expect(JSON.parse(text ?? '')).toEqual(report())
  })

  test('is not written live', async () => {
    const { text } = await setUp({}, { mode: 'live' })
    expect(text).toBeUndefined()
  })
})

describe('after an earlier run', () => {
  const files = { [path]: '{"provisioningBootID": "old", "previousReport": {"x": [1]}}\n' }

  test('its report is kept inside the new one, and there is a warning', async () => {
    const { text, warnings, system } = await setUp({ files, programs: () => ({ exitCode: 1 }) })
    expect(JSON.parse(text ?? '')).toEqual(
      report({ previousReport: { provisioningBootID: 'old', previousReport: { x: [1] } } }),
    )
    expect(system.runs.map(({ program }) => program)).toEqual(['is-live-image'])
    expect(warnings.map(({ level }) => level)).toEqual(['warning'])
    expect(warnings[0]?.message).toContain(
      'Ignition has already run on this system. Unexpected behavior may occur.',
    )
  })

  test('a live image forgets it', async () => {
    const { text, warnings } = await setUp({ files, programs: () => ({ exitCode: 0 }) })
    expect(JSON.parse(text ?? '')).toEqual(report())
    expect(warnings).toEqual([])
  })

  test('without the hook it counts as an image that stays', async () => {
    const { text, warnings } = await setUp({ files, programs: () => undefined })
    expect(JSON.parse(text ?? '')).toHaveProperty('previousReport.provisioningBootID', 'old')
    expect(warnings.map(({ level }) => level)).toEqual(['notice', 'warning'])
  })

  test('a report that was cut off does not stop the boot', async () => {
    const { text, warnings } = await setUp({ files: { [path]: '{"provisioning' } })
    // The default hook of the fake succeeds: this is a live image, which does not even read it.
    expect(JSON.parse(text ?? '')).toEqual(report())
    expect(warnings).toEqual([])
    const kept = await setUp({ files: { [path]: '{"provisioning' }, programs: () => ({ exitCode: 1 }) })
    expect(JSON.parse(kept.text ?? '')).toEqual(report())
    expect(kept.warnings).toHaveLength(2)
  })
})

test.each([
  [0, '2026-07-23T10:20:30Z'],
  [120, '2026-07-23T12:20:30+02:00'],
  [-210, '2026-07-23T06:50:30-03:30'],
])('RFC 3339, %i minutes ahead of UTC', (offset, text) => {
  expect(rfc3339(now, offset)).toBe(text)
})
