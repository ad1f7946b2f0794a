import { describe, expect, test } from 'vitest'
import { reportStatus } from '../../src/platforms/report-status.ts'
import { statusServices } from '../../src/platforms/table.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import type { System } from '../../src/system/system.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { realSystem, textOf } from '../helpers/real-system.ts'
import { runStageOf } from '../helpers/run-stage.ts'
import { serve } from '../helpers/server.ts'

interface Recorder {
  readonly system: System
  readonly messages: { readonly level: string; readonly message: string }[]
  /** `POST /events body`, in order. */
  readonly asked: string[]
}

/** Equinix Metal's service: a document that names the service's own address, and a recorder of events. */
async function recorder(options: { status?: number; document?: string } = {}): Promise<Recorder> {
  const asked: string[] = []
  const origin = await serve((request, response) => {
    void textOf(request).then((body) => {
      asked.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? ''} ${body}`.trim())
      if (request.url === '/metadata')
        response.end(options.document ?? `{"id":"x","phone_home_url":"${origin}/phone-home"}`)
      else {
        response.statusCode = options.status ?? 200
        response.end()
      }
    })
  })
  const real = realSystem()
  const fake = fakeSystem()
  const system: System = {
    ...fake,
    sleep: async (...args) => real.system.sleep(...args),
    monotonic: () => real.system.monotonic(),
    request: (request) =>
      real.system.request({ ...request, url: request.url.replace('https://metadata.packet.net', origin) }),
  }
  return { system, messages: fake.messages, asked }
}

const service = statusServices['packet']
if (!service) throw new Error('packet has no status service')

const report = ({ system }: Recorder, failure?: string) =>
  reportStatus({
    system,
    fetcher: createFetcher({ system, offline: false }),
    service,
    stage: 'disks',
    failure,
  })

const errors = ({ messages }: Recorder) =>
  messages.filter(({ level }) => level === 'err').map(({ message }) => message)

describe('packet hears how a stage ended', () => {
  test('well', async () => {
    const service = await recorder()
    await report(service)
    expect(service.asked).toEqual([
      'GET /metadata',
      'POST /events application/json {"state":"running","message":"[disks] Ignition status: finished successfully"}',
    ])
    expect(errors(service)).toEqual([])
  })

  test('badly, with every character of the reason', async () => {
    const service = await recorder()
    await report(service, 'no "disk"\nat all')
    const [, event = ''] = service.asked
    expect(JSON.parse(event.slice(event.indexOf('{')))).toEqual({
      state: 'failed',
      message: '[disks] Ignition error: no "disk"\nat all',
    })
  })

  test.each([
    ['an event is refused', { status: 403 }, /403/],
    ['there is no address', { document: '{}' }, /has no "phone_home_url"/],
    ['the document is none', { document: 'x' }, /has no "phone_home_url"/],
    ['the document is null', { document: 'null' }, /has no "phone_home_url"/],
  ])('only a line in the log when %s', async (_, options, message) => {
    const service = await recorder(options)
    await report(service)
    expect(errors(service)).toEqual([expect.stringMatching(/^POST Status error: /)])
    expect(errors(service)[0]).toMatch(message)
  })

  test.each([
    ['is not there', undefined],
    ['is in trouble', { server: () => ({ status: 500 }) }],
    ['never answers', { server: () => 'hang' as const }],
  ])('a service that %s costs 15 s and no more', async (_, options) => {
    const system = fakeSystem(options)
    await reportStatus({
      system,
      fetcher: createFetcher({ system, offline: false }),
      service,
      stage: 'files',
      failure: undefined,
    })
    expect(system.monotonic()).toBe(15_000)
    expect(system.messages.some(({ message }) => message.startsWith('POST Status error: '))).toBe(true)
  })
})

describe('a stage on packet', () => {
  const run = (system: System, stage: 'fetch-offline' | 'kargs') =>
    runStageOf({ system, stage }, { platform: 'packet', fetchTimeoutSeconds: 120 })

  test('tells why it failed, and fails as it would', async () => {
    const service = await recorder()
    await expect(run(service.system, 'kargs')).rejects.toMatchObject({ code: 'FL_CONFIG_UNREADABLE' })
    expect(service.asked).toEqual([
      'GET /metadata',
      expect.stringMatching(/^POST .*"state":"failed","message":"\[kargs\] Ignition error: .*ignition\.json/),
    ])
  })

  test('tells nobody without the network', async () => {
    const service = await recorder()
    service.system.files.makeDirectory('/proc', { mode: 0o755 })
    service.system.files.write('/proc/cmdline', '', { mode: 0o444 })
    service.system.files.makeDirectory('/run', { mode: 0o755 })
    await run(service.system, 'fetch-offline')
    expect(service.asked).toEqual([])
    expect(service.system.files.stat('/run/ignition/neednet')).toBeDefined()
  })
})
