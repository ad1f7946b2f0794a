import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { addToPool, kvpRecord } from '../../src/outcome/kvp.ts'
import type { OutcomeReport } from '../../src/outcome/report.ts'
import { sendReport } from '../../src/outcome/send.ts'
import { type ReportWays, readReportWays } from '../../src/outcome/ways.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { System } from '../../src/system/system.ts'
import { type Emulator, redirected } from '../helpers/emulator.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { realSystem, textOf } from '../helpers/real-system.ts'
import { scratchDirectory } from '../helpers/scratch.ts'
import { serve } from '../helpers/server.ts'

const report = (parts: Partial<OutcomeReport> = {}): OutcomeReport => ({
  shape: 1,
  program: { name: 'Firstlight', version: '0.0.0' },
  outcome: 'provisioned',
  platform: 'qemu',
  bootId: 'x',
  configs: [],
  stages: [],
  ...parts,
})

const failed = report({
  outcome: 'failed',
  platform: 'azure',
  failure: {
    stage: 'disks',
    code: 'FL_DEVICE_MISSING',
    means: 'A block device did not appear.',
    hint: 'Check the path.',
    causes: ['no device "/dev/<x>" & co', 'at all'],
  },
})

/** A machine of this process with real requests; files, journal and log are in memory. */
function machine(): { system: System; messages: { level: string; message: string }[] } {
  const { system: real } = realSystem()
  const fake = fakeSystem()
  const system: System = {
    ...fake,
    request: (request) => real.request(request),
    sleep: async (...args) => real.sleep(...args),
    monotonic: () => real.monotonic(),
  }
  return { system, messages: fake.messages }
}

const ways: ReportWays = { ...readReportWays(fakeSystem()), journal: false }

const send = (
  system: System,
  parts: { ways?: Partial<ReportWays>; report?: OutcomeReport; offline?: boolean },
) =>
  sendReport({
    system,
    fetcher: createFetcher({ system, offline: parts.offline ?? false }),
    ways: { ...ways, ...parts.ways },
    report: parts.report ?? report(),
  })

const warnings = (messages: readonly { level: string; message: string }[]) =>
  messages.filter(({ level }) => level === 'warning').map(({ message }) => message)

describe('a webhook', () => {
  /** A server that answers with these statuses in turn, the last for ever. */
  async function hook(...statuses: readonly number[]) {
    const asked: { method: string; type: string; body: unknown }[] = []
    const origin = await serve((request, response) => {
      void textOf(request).then((body) => {
        asked.push({
          method: request.method ?? '',
          type: request.headers['content-type'] ?? '',
          body: JSON.parse(body),
        })
        response.statusCode = statuses[Math.min(asked.length, statuses.length) - 1] ?? 200
        response.end()
      })
    })
    return { url: `${origin}/hook?token=correct-horse`, asked }
  }

  test.each([[200], [201], [202], [204]])('gets the report, and may answer %i', async (status) => {
    const { system, messages } = machine()
    const { url, asked } = await hook(status)
    await send(system, { ways: { url, azure: 'none', kvp: false }, report: failed })
    expect(asked).toEqual([{ method: 'POST', type: 'application/json', body: failed }])
    expect(warnings(messages)).toEqual([])
  })

  test('that is in trouble is asked again', async () => {
    const { system, messages } = machine()
    const { url, asked } = await hook(500, 503, 200)
    await send(system, { ways: { url } })
    expect(asked).toHaveLength(3)
    expect(warnings(messages)).toEqual([])
  })

  test('that refuses the report is asked once, and its secrets are not told', async () => {
    const { system, messages } = machine()
    const { url, asked } = await hook(403)
    await send(system, { ways: { url } })
    expect(asked).toHaveLength(1)
    expect(warnings(messages)).toEqual([
      expect.stringMatching(/^the outcome report does not reach the URL: .*403/),
    ])
    expect(JSON.stringify(messages)).not.toContain('correct-horse')
  })

  test.each([
    ['is not there', undefined],
    ['is in trouble for ever', { server: () => ({ status: 500 }) }],
    ['never answers', { server: () => 'hang' as const }],
  ])('that %s costs 15 s and no more', async (_, options) => {
    const system = fakeSystem(options)
    await send(system, { ways: { url: 'http://127.0.0.1:1/hook' } })
    expect(system.monotonic()).toBe(15_000)
    expect(warnings(system.messages)).toHaveLength(1)
  })

  test('is left alone in a stage without the network', async () => {
    const { system, messages } = machine()
    const { url, asked } = await hook(200)
    await send(system, { ways: { url }, offline: true })
    expect(asked).toEqual([])
    expect(warnings(messages)).toHaveLength(1)
  })

  test('nobody is asked unless told', async () => {
    const system = fakeSystem()
    await send(system, { report: failed, ways: { azure: 'none' } })
    expect(system.requests).toEqual([])
  })
})

describe('Azure', () => {
  const goalState = `<?xml version="1.0" encoding="utf-8"?>
<GoalState><Version>2012-11-30</Version><Incarnation>7</Incarnation>
<Machine><ExpectedState>Started</ExpectedState></Machine>
<Container><ContainerId>c-1</ContainerId><RoleInstanceList><RoleInstance>
<InstanceId>i-1.role</InstanceId><State>Started</State></RoleInstance></RoleInstanceList></Container></GoalState>`

  /** The wire server: the host's own service, which answers only to those who name the version of its protocol. */
  async function wireServer(options: { goalState?: string; status?: number } = {}) {
    const asked: string[] = []
    const health: string[] = []
    const origin = await serve((request, response) => {
      void textOf(request).then((body) => {
        asked.push(`${request.method} ${String(request.headers['x-emulated-origin'])}${request.url}`)
        if (request.headers['x-ms-version'] !== '2012-11-30') response.statusCode = 400
        else if (request.url === '/machine?comp=goalstate') response.write(options.goalState ?? goalState)
        else if (request.headers['content-type'] === 'text/xml;charset=utf-8') {
          health.push(body)
          response.statusCode = options.status ?? 200
        } else response.statusCode = 415
        response.end()
      })
    })
    const { system, messages } = machine()
    const emulator: Emulator = { origin, asked: [], ports: [] }
    return { system: redirected(system, emulator), messages, asked, health }
  }

  test('hears why a machine is not ready', async () => {
    const azure = await wireServer()
    await send(azure.system, { report: failed, ways: { kvp: false } })
    expect(azure.asked).toEqual([
      'GET http://168.63.129.16/machine?comp=goalstate',
      'POST http://168.63.129.16/machine?comp=health',
    ])
    expect(azure.health).toEqual([
      '<?xml version="1.0" encoding="utf-8"?>' +
        '<Health xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
        '<GoalStateIncarnation>7</GoalStateIncarnation><Container><ContainerId>c-1</ContainerId>' +
        '<RoleInstanceList><Role><InstanceId>i-1.role</InstanceId><Health><State>NotReady</State>' +
        '<Details><SubStatus>ProvisioningFailed</SubStatus>' +
        '<Description>FL_DEVICE_MISSING: no device &quot;/dev/&lt;x&gt;&quot; &amp; co: at all</Description></Details>' +
        '</Health></Role></RoleInstanceList></Container></Health>',
    ])
    expect(warnings(azure.messages)).toEqual([])
  })

  test('hears of a success only when told to', async () => {
    const azure = await wireServer()
    const ready = report({ platform: 'azure' })
    await send(azure.system, { report: ready })
    expect(azure.asked).toEqual([])
    await send(azure.system, { report: ready, ways: { azure: 'all' } })
    expect(azure.health).toEqual([expect.stringContaining('<Health><State>Ready</State></Health>')])
  })

  test('hears nothing on another platform', async () => {
    const azure = await wireServer()
    await send(azure.system, { report: { ...failed, platform: 'qemu' }, ways: { azure: 'all' } })
    expect(azure.asked).toEqual([])
  })

  test.each([
    [
      'a goal state without a container',
      { goalState: '<GoalState><Incarnation>1</Incarnation></GoalState>' },
      /no ContainerId/,
    ],
    ['no goal state', { goalState: '' }, /no Incarnation/],
    ['a report that is refused', { status: 403 }, /403/],
  ])('only a warning comes of %s', async (_, options, message) => {
    const azure = await wireServer(options)
    await send(azure.system, { report: failed, ways: { kvp: false } })
    expect(warnings(azure.messages)).toEqual([expect.stringMatching(message)])
  })

  test('outside an initramfs the door refuses its address', async () => {
    const { system, messages } = realSystem()
    const quiet: System = { ...system, files: fakeSystem().files, journal: () => undefined }
    await send(quiet, { report: failed, ways: { kvp: false, port: undefined } })
    expect(warnings(messages)).toEqual([expect.stringContaining('168.63.129.16 is a link-local')])
  })
})

test('a pool of Hyper-V is made, grows by whole records, and holds the longest reason', () => {
  const { system } = realSystem()
  const pool = `${scratchDirectory()}/var/lib/hyperv/.kvp_pool_1`
  const { failure } = failed
  if (failure === undefined) throw new Error('no failure')
  addToPool(system, pool, kvpRecord(system, undefined))
  addToPool(system, pool, kvpRecord(system, { ...failure, causes: ["it's a | b".repeat(400)] }))
  const bytes = readFileSync(pool)
  expect(bytes).toHaveLength(2 * 2560)
  const value = bytes
    .subarray(2560 + 512)
    .toString()
    .replace(/\0+$/, '')
  expect(value.length).toBeLessThan(1024)
  expect(value).toMatch(/^result=error\|'reason=FL_DEVICE_MISSING: it''s a \| b/)
  expect(value).toMatch(/\|agent=Firstlight\/[^|]+\|pps_type=None\|/)
})

describe('a virtio-serial port', () => {
  const files = {
    '/sys/class/virtio-ports/vport0p1/name': 'other\n',
    '/sys/class/virtio-ports/vport0p2/name': 'org.firstlight.report\n',
  }

  /** A port that takes so many chunks before it is behind, and then nothing for so many tries. */
  function port(chunksTaken: number, triesRefused: number) {
    let written = ''
    let chunks = 0
    let refused = 0
    const opened: string[] = []
    const system = fakeSystem({
      files,
      hypervisor: {
        openDevice(path) {
          opened.push(path)
          return {
            isReadable: () => false,
            read: () => new Uint8Array(),
            write(chunk) {
              if (chunks >= chunksTaken && refused < triesRefused) {
                refused += 1
                throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' })
              }
              chunks += 1
              written += Buffer.from(chunk).toString()
            },
            control: () => undefined,
            close: () => void opened.push('closed'),
          }
        },
      },
    })
    return { system, opened, written: () => written }
  }

  const long = report({ bootId: 'x'.repeat(20_000) })

  test('takes the report as a line, also when it is slow', async () => {
    const { system, opened, written } = port(2, 30)
    await send(system, { report: long })
    expect(written()).toBe(`${JSON.stringify(long)}\n`)
    expect(opened).toEqual(['/dev/vport0p2', 'closed'])
  })

  test('that takes nothing costs 5 s', async () => {
    const { system, opened } = port(1, Number.POSITIVE_INFINITY)
    await send(system, { report: long })
    expect(system.monotonic()).toBe(5000)
    expect(warnings(system.messages)).toEqual([expect.stringContaining('does not reach the port: EAGAIN')])
    expect(opened.at(-1)).toBe('closed')
  })

  test('of another name is left alone', async () => {
    const { system, opened } = port(1, 0)
    await send(system, { ways: { port: 'com.example' } })
    expect(opened).toEqual([])
    expect(system.messages).toEqual([])
  })
})
