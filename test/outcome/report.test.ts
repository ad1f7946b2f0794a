import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { StageOptions } from '../../src/engine.ts'
import type { OutcomeReport } from '../../src/outcome/report.ts'
import { emptyState } from '../../src/state.ts'
import { type FakeOptions, type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'
import { runStageOf } from '../helpers/run-stage.ts'
import { jsonText } from '../helpers/sourced.ts'

const secret = 'correct-horse'

const machine = (config: object, more: FakeOptions = {}) =>
  fakeSystem({
    ...more,
    environment: { IGNITION_CONFIG_FILE: '/config.ign', ...more.environment },
    files: {
      '/proc/cmdline': 'quiet',
      '/run/x': '',
      '/sysroot/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
      '/config.ign': jsonText(config),
      ...more.files,
    },
  })

/** Runs stages as a boot does; the error of the one that fails ends it. */
async function boot(system: FakeSystem, stages: readonly StageOptions['stage'][], platform = 'file') {
  let state = emptyState
  for (const stage of stages)
    state = await runStageOf(
      { system, stage },
      { platform, state, warnings: stage === 'files' ? ['something is odd'] : [] },
    )
}

const reportOf = (system: FakeSystem): OutcomeReport =>
  JSON.parse(system.files.readText('/run/firstlight/report.json')) as OutcomeReport

const good = {
  storage: {
    directories: [{ path: '/srv' }],
    files: [
      { path: '/srv/a', contents: { source: 'data:,hello' } },
      { path: '/srv/key', mode: 0o600, contents: { source: `data:,${secret}` } },
    ],
  },
  systemd: { units: [{ name: 'a.service', contents: `[Unit]\nDescription=${secret}\n` }] },
}

const all = ['fetch', 'kargs', 'disks', 'mount', 'files', 'umount'] as const

describe('a boot that goes well', () => {
  test('is reported step by step, with lines and hashes, and without secrets', async () => {
    const system = machine(good)
    await boot(system, all)
    const report = reportOf(system)
    expect(report).toMatchObject({ shape: 1, outcome: 'provisioned', platform: 'file' })
    expect(report.failure).toBeUndefined()
    expect(report.stages.map(({ stage, result }) => `${stage} ${result}`)).toEqual(
      all.map((stage) => `${stage} passed`),
    )
    const files = report.stages.find(({ stage }) => stage === 'files')
    expect(files?.warnings).toEqual(['something is odd'])
    const steps = files?.steps.map(({ section, description, place, contentHash, result }) => [
      section,
      description,
      place && `${place.line} ${place.path}`,
      contentHash,
      result,
    ])
    const hash = `sha256-${createHash('sha256').update('hello').digest('hex')}`
    expect(steps).toEqual([
      ['files', 'creating directory "/sysroot/srv"', '8 $.storage.directories.0', undefined, 'done'],
      ['files', 'writing file "/sysroot/srv/a"', '13 $.storage.files.0', hash, 'done'],
      ['files', 'writing file "/sysroot/srv/key"', '19 $.storage.files.1', undefined, 'done'],
      ['units', 'processing unit "a.service"', '30 $.systemd.units.0', undefined, 'done'],
      ['result', 'writing file "/sysroot/etc/.ignition-result.json"', undefined, undefined, 'done'],
    ])
    expect(JSON.stringify(report)).not.toContain(secret)
    expect(system.files.stat('/run/firstlight/report.json')?.mode).toBe(0o600)
  })

  test('the result file has the reference’s members and the report so far', async () => {
    const system = machine(good)
    await boot(system, all)
    const result = JSON.parse(system.files.readText('/sysroot/etc/.ignition-result.json'))
    expect(Object.keys(result)).toEqual([
      'provisioningBootID',
      'provisioningDate',
      'userConfigProvided',
      'firstlight',
    ])
    expect(result.firstlight).toMatchObject({ shape: 1, outcome: 'unfinished' })
    expect(result.firstlight.stages.at(-1)).toMatchObject({ stage: 'files', result: 'running' })
    expect(result.firstlight.stages.at(-1).steps).toHaveLength(4)
  })

  test('the report of the run before is nested without its own', async () => {
    const programs: FakeOptions['programs'] = ({ program }) => ({
      exitCode: program === 'is-live-image' ? 1 : 0,
    })
    const system = machine(good, { programs })
    await boot(system, all)
    await boot(system, ['fetch', 'files'])
    const { previousReport } = JSON.parse(system.files.readText('/sysroot/etc/.ignition-result.json'))
    expect(Object.keys(previousReport)).toEqual([
      'provisioningBootID',
      'provisioningDate',
      'userConfigProvided',
    ])
  })

  test('the journal has it in one record', async () => {
    const system = machine(good)
    await boot(system, all)
    const [record] = system.records.filter((one) => 'FIRSTLIGHT_OUTCOME' in one)
    expect(record).toMatchObject({ FIRSTLIGHT_OUTCOME: 'provisioned', PRIORITY: '6' })
    expect(JSON.parse(record?.['FIRSTLIGHT_REPORT'] ?? '')).toMatchObject({ shape: 1 })
  })

  test('of a report that is too long for a record of the journal only the path', async () => {
    // three bytes each: fewer letters than bytes fit
    const system = machine({ storage: { directories: [{ path: `/${'山'.repeat(40_000)}` }] } })
    await boot(system, all)
    const [record] = system.records.filter((one) => 'FIRSTLIGHT_OUTCOME' in one)
    expect(record).toMatchObject({ FIRSTLIGHT_REPORT_PATH: '/run/firstlight/report.json' })
    expect(record).not.toHaveProperty('FIRSTLIGHT_REPORT')
  })

  test('what the config itself verifies is told by its own hash', async () => {
    const hash = `sha512-${createHash('sha512').update('hello').digest('hex')}`
    const system = machine({
      storage: { files: [{ path: '/a', contents: { source: 'data:,hello', verification: { hash } } }] },
    })
    await boot(system, ['fetch', 'files'])
    expect(reportOf(system).stages.at(-1)?.steps[0]?.contentHash).toBe(hash)
  })
})

describe('a boot that fails', () => {
  const missing = { storage: { files: [{ path: '/f', contents: { source: 'http://127.0.0.1:1/f' } }] } }
  const options: FakeOptions = {
    server: () => ({ status: 404 }),
    files: { '/proc/cmdline': 'firstlight.proof=off' },
  }

  const failed = async (more: FakeOptions = {}) => {
    const system = machine(missing, { ...options, ...more })
    await expect(boot(system, all)).rejects.toMatchObject({ code: 'FL_FETCH' })
    return system
  }

  test('says in the report which step, and where the config asks for it', async () => {
    const system = await failed()
    const report = reportOf(system)
    expect(report.outcome).toBe('failed')
    expect(report.stages.at(-1)).toMatchObject({
      stage: 'files',
      result: 'failed',
      steps: [{ result: 'failed' }],
    })
    expect(report.failure).toMatchObject({
      stage: 'files',
      code: 'FL_FETCH',
      step: 'writing file "/sysroot/f"',
      place: {
        source: 'the file "/config.ign" (platform file)',
        line: 10,
        path: '$.storage.files.0.contents.source',
        text: '"source": "http://127.0.0.1:1/f"',
      },
    })
  })

  test('says so in the journal, field by field', async () => {
    const system = await failed()
    expect(system.records).toContainEqual(
      expect.objectContaining({
        MESSAGE_ID: '3e9f85d672e649ecaed378eb0513d5e9',
        FIRSTLIGHT_CODE: 'FL_FETCH',
        FIRSTLIGHT_STAGE: 'files',
        FIRSTLIGHT_STEP: 'writing file "/sysroot/f"',
        FIRSTLIGHT_CONFIG_SOURCE: 'the file "/config.ign" (platform file)',
        FIRSTLIGHT_CONFIG_PATH: '$.storage.files.0.contents.source',
        FIRSTLIGHT_CONFIG_LINE: '10',
        FIRSTLIGHT_CONFIG_COLUMN: '21',
      }),
    )
  })

  test('stays failed when the unmounting stage passes after it', async () => {
    const system = await failed()
    await boot(system, ['umount'])
    expect(reportOf(system)).toMatchObject({ outcome: 'failed', failure: { stage: 'files' } })
  })

  test('is forgotten when the stage passes at last', async () => {
    const system = await failed()
    system.files.write('/config.ign', jsonText(good), { mode: 0o600 })
    system.files.write('/run/firstlight/failure.txt', 'x', { mode: 0o600 })
    await boot(system, all)
    expect(reportOf(system).outcome).toBe('provisioned')
    expect(system.files.stat('/run/firstlight/failure.txt')).toBeUndefined()
  })

  test('before a config is there, too', async () => {
    const system = machine(
      {},
      { files: { '/config.ign': '{"ignition": {"version": "3.4.0"},\n"storage": 1}' } },
    )
    await expect(boot(system, ['fetch'])).rejects.toThrow('line 2')
    expect(reportOf(system).failure).toMatchObject({ stage: 'fetch', place: { line: 2 } })
  })
})

describe('a config that is wrong, without the network', () => {
  const files = { '/config.ign': '{"ignition": {"version": "3.4.0"},\n"storage": 1}' }

  test('is met again with the network when somebody is to hear of it by HTTP', async () => {
    const bodies: string[] = []
    const system = machine(
      {},
      {
        files: { ...files, '/proc/cmdline': 'firstlight.report_url=http://127.0.0.1:1/hook' },
        server({ body }) {
          bodies.push(Buffer.from(body ?? []).toString())
          return {}
        },
      },
    )
    await boot(system, ['fetch-offline'])
    expect(system.files.stat('/run/ignition/neednet')).toBeDefined()
    expect(system.files.stat('/run/ignition.json')).toBeUndefined()
    expect(bodies).toEqual([])
    await expect(boot(system, ['fetch'])).rejects.toMatchObject({ code: 'FL_CONFIG_INVALID' })
    expect(bodies.map((body) => (JSON.parse(body) as OutcomeReport).failure?.stage)).toEqual(['fetch'])
  })

  test('ends the boot at once when nobody is', async () => {
    const system = machine({}, { files })
    await expect(boot(system, ['fetch-offline'])).rejects.toMatchObject({ code: 'FL_CONFIG_INVALID' })
    expect(system.files.stat('/run/ignition/neednet')).toBeUndefined()
  })

  test('a right one asks for the network too, for the report', async () => {
    const system = machine(good, {
      files: { '/proc/cmdline': 'firstlight.report_url=http://127.0.0.1:1/hook' },
    })
    await boot(system, ['fetch-offline'])
    expect(system.files.stat('/run/ignition/neednet')).toBeDefined()
  })
})

test.each([
  ['cut off', '{"shape": 1, "stages": ['],
  ['of another shape', '{"shape": 7, "stages": 3}'],
  ['nothing', ''],
])('a report that is %s is begun anew', async (_, text) => {
  const system = machine(good, { files: { '/run/firstlight/report.json': text } })
  await boot(system, ['fetch'])
  expect(reportOf(system).stages).toHaveLength(1)
})

test('a report that cannot be kept stops nothing', async () => {
  const system = machine(good, {
    files: { '/run/firstlight': 'a file', '/proc/cmdline': 'firstlight.proof=off' },
  })
  await boot(system, all)
  expect(system.files.readText('/sysroot/srv/a')).toBe('hello')
  expect(system.messages.filter(({ level }) => level === 'warning').length).toBeGreaterThan(0)
})

describe('the host of Hyper-V', () => {
  const pool = '/var/lib/hyperv/.kvp_pool_1'
  const value = (bytes: Uint8Array) =>
    Buffer.from(bytes).subarray(512).toString().replace(/\0+$/, '').split('|')

  test('hears of a success in the pool of the new root', async () => {
    const system = machine(good, { files: { [`/sysroot${pool}`]: 'x'.repeat(2560) } })
    await boot(system, ['fetch'])
    await boot(system, ['files'], 'azure')
    const bytes = system.files.read(`/sysroot${pool}`)
    expect(bytes).toHaveLength(2 * 2560)
    const record = Buffer.from(bytes).subarray(2560)
    expect(record.subarray(0, 512).toString().replace(/\0+$/, '')).toBe('PROVISIONING_REPORT')
    expect(value(record).slice(0, 3)).toEqual([
      'result=success',
      'agent=Firstlight/from source',
      'pps_type=None',
    ])
  })

  test('of a failure in that of the initramfs', async () => {
    const system = machine(
      { passwd: { users: [{ name: '-x' }] } },
      {
        files: { '/sys/class/dmi/id/product_uuid': '01234567-89AB-CDEF-0123-456789ABCDEF\n' },
      },
    )
    await boot(system, ['fetch'])
    await expect(boot(system, ['files'], 'hyperv')).rejects.toThrow()
    expect(value(system.files.read(pool))).toEqual([
      'result=error',
      expect.stringMatching(/^reason=FL_/),
      'agent=Firstlight/from source',
      'pps_type=None',
      'vm_id=67452301-ab89-efcd-0123-456789abcdef',
      expect.stringMatching(/^timestamp=2026/),
    ])
  })

  test('of nothing on another platform, or when it is switched off', async () => {
    const elsewhere = machine(good)
    await boot(elsewhere, ['fetch', 'files'])
    expect(elsewhere.files.stat(`/sysroot${pool}`)).toBeUndefined()
    const off = machine(good, { files: { '/proc/cmdline': 'firstlight.report_kvp=no' } })
    await boot(off, ['fetch'])
    await boot(off, ['files'], 'azure')
    expect(off.files.stat(`/sysroot${pool}`)).toBeUndefined()
  })
})
