import { describe, expect, test } from 'vitest'
import { readPlatform } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { System } from '../../src/system/system.ts'
import { emulate } from '../helpers/emulator.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { ask, CONFIG, caseOf, machineOf, type PlatformCase } from '../helpers/platform-case.ts'

const imds = (status: number, body = ''): NonNullable<PlatformCase['exchanges']> =>
  (caseOf('azure').exchanges ?? []).map((one) => ({ ...one, response: { status, body } }))

const DRIVE = { '/sys/class/block/sr0/device/type': '5\n' }
const disc = (type: string, files: Readonly<Record<string, string>>) => ({ '/dev/sr0': { type, files } })
const CONFIG_DISC = { '/ovf-env.xml': '<x/>', '/CustomData.bin': CONFIG }

describe('azure', () => {
  test.each([200, 204])('%i without user data: the disc has it', async (status) => {
    const given = { exchanges: imds(status), files: DRIVE, discs: disc('udf', CONFIG_DISC) }
    const { text, fake } = await ask('azure', given)
    expect(text).toBe(CONFIG)
    const [, type] = fake.runs.find(({ program }) => program === 'mount')?.args.slice(2) ?? []
    expect(type).toBe('udf')
  })

  test('neither has it', async () => {
    const given = { exchanges: imds(200), files: DRIVE, discs: disc('udf', { '/ovf-env.xml': '' }) }
    expect((await ask('azure', given)).answer.kind).toBe('empty')
  })

  test.each(['{}', 'YQ'])('what is no base64 is an error, the disc is not asked: %s', async (body) => {
    const given = { exchanges: imds(200, body), files: DRIVE, discs: disc('udf', CONFIG_DISC) }
    await expect(ask('azure', given)).rejects.toThrow('is not base64')
  })

  test('refused', async () => {
    await expect(ask('azure', { exchanges: imds(403) })).rejects.toThrow('403')
  })

  test.each([404, 410, 429])('%i is asked again', async (status) => {
    const body = Buffer.from(CONFIG).toString('base64')
    const system = fakeSystem({ server: (_, attempt) => (attempt < 4 ? { status } : { body }) })
    const fetcher = createFetcher({ system, offline: false })
    expect(await readPlatform({ system, fetcher, platform: 'azure' })).toMatchObject({ kind: 'found' })
    expect(system.requests).toHaveLength(4)
  })

  test('404 for ever is an error, not the disc', async () => {
    const system = fakeSystem({ server: () => ({ status: 404 }) })
    const fetcher = createFetcher({ system, offline: false })
    const proxy = { noProxy: [] }
    await fetcher.configure({ timeouts: { httpTotal: 120 }, certificateAuthorities: [], proxy })
    await expect(readPlatform({ system, fetcher, platform: 'azure' })).rejects.toMatchObject({
      code: 'FL_FETCH_TIMEOUT',
      message: expect.stringContaining('status 404'),
    })
    expect(system.monotonic()).toBe(120_000)
  })
})

describe('azurestack', () => {
  test.each(['udf', 'iso9660'])('a disc with %s', async (type) => {
    expect((await ask('azurestack', { files: DRIVE, discs: disc(type, CONFIG_DISC) })).text).toBe(CONFIG)
  })

  test.each([
    ['is missing', { '/ovf-env.xml': '' }],
    ['is empty', { '/ovf-env.xml': '', '/CustomData.bin': '' }],
  ])('no config when CustomData.bin %s', async (_, files) => {
    expect((await ask('azurestack', { files: DRIVE, discs: disc('udf', files) })).answer).toEqual({
      kind: 'empty',
      reason: 'the disc with "ovf-env.xml" has nothing in "CustomData.bin"',
    })
  })

  test('waits for the right disc, tries each once, and says what it sees', async () => {
    const given = {
      files: { ...DRIVE, '/sys/class/block/sr1/device/type': '5\n' },
      discs: { ...disc('iso9660', { '/other': '' }), '/dev/sr1': { type: 'broken', files: {} } },
    }
    const discs: Record<string, { type: string; files: Readonly<Record<string, string>> }> = {
      ...given.discs,
    }
    const { fake, system, fetcher } = machineOf({ ...given, discs }, await emulate([]))
    const asked = readPlatform({ system, fetcher, platform: 'azurestack' })
    const told = () => fake.messages.find(({ level }) => level === 'notice')?.message
    while (told() === undefined) await new Promise((resolve) => setImmediate(resolve))
    expect(told()).toBe(
      'still waiting for a disc (udf or iso9660) with "ovf-env.xml", since 5 s, as long as it takes: not so: /dev/sr0',
    )
    discs['/dev/sr1'] = { type: 'udf', files: CONFIG_DISC }
    expect(await asked).toMatchObject({ kind: 'found', source: 'azurestack' })
    expect(
      fake.runs.filter(({ program, args }) => program === 'mount' && args.includes('/dev/sr0')),
    ).toHaveLength(1)
    expect(fake.mounts.size).toBe(0)
  })

  test('a disc that cannot be mounted is passed over with a warning', async () => {
    const discs: Record<string, { type: string; files: Readonly<Record<string, string>> }> = {}
    const { fake, system, fetcher } = machineOf(
      { files: { ...DRIVE, '/sys/class/block/sr1/device/type': '5\n' }, discs },
      await emulate([]),
    )
    const failing: System['run'] = async (program, args, options) =>
      program === 'mount' && args.includes('/dev/sr0')
        ? Promise.reject(new Error('no medium'))
        : system.run(program, args, options)
    Object.assign(discs, disc('udf', {}), { '/dev/sr1': { type: 'iso9660', files: CONFIG_DISC } })
    const answer = await readPlatform({
      system: { ...system, run: failing },
      fetcher,
      platform: 'azurestack',
    })
    expect(answer.kind).toBe('found')
    expect(fake.messages).toContainEqual({ level: 'warning', message: 'cannot read "/dev/sr0": no medium' })
  })
})
