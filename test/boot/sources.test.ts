import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { boot } from './machine/boot.ts'
import { hasFirstBootFlag } from './machine/loader.ts'
import { type Machine, prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, provisioningUnits, say, withDisk } from './machine/scenario.ts'

describe('where a config comes from', () => {
  let machine: Machine

  beforeAll(async () => {
    machine = await prepareMachine(say)
  })

  test('nowhere: the machine comes up as it is', async () => {
    await withDisk(machine, async (disk) => {
      const result = await boot({ machine, disk, arguments: ['ignition.platform.id=qemu'] })
      expect(result.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
      expect(JSON.parse(result.report.result ?? '')).toMatchObject({ userConfigProvided: false })
      expect(await hasFirstBootFlag(disk)).toBe(false)
    })
  })

  test('a server, by a URL on the kernel command line: the network comes up because it is needed', async () => {
    await withDisk(machine, async (disk) => {
      await using server = await serve()
      const result = await boot({
        machine,
        disk,
        arguments: [
          'ignition.firstboot',
          'ignition.platform.id=metal',
          `ignition.config.url=${server.guestUrl}/config.ign`,
        ],
        readFlag: false,
        network: true,
        paths: ['/etc/from-the-network'],
      })
      expect(result.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
      const served = { type: 'regular file', mode: '644', bytes: 'over the network\n'.length }
      expect(result.report.paths.get('/etc/from-the-network')).toMatchObject(served)
      expect(provisioningUnits(result)).toContain('ignition-fetch.service')
      expect(server.requests).toContain('/config.ign')
    })
  })

  test("QEMU's firmware, under Flatcar's name and with Flatcar's kernel arguments", async () => {
    await withDisk(machine, async (disk) => {
      const result = await boot({
        machine,
        disk,
        arguments: ['flatcar.first_boot=detected', 'flatcar.oem.id=qemu'],
        readFlag: false,
        firmware: { 'opt/org.flatcar-linux/config': fixture('example/config.ign') },
        paths: ['/srv/current'],
      })
      expect(result.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
      expect(result.report.paths.get('/srv/current')).toMatchObject({ content: '/srv/site' })
      expect(consoleText(result)).toContain('First light in the-real-root')
    })
  })
})

interface ConfigServer extends AsyncDisposable {
  /** The server's address as the guest sees it: QEMU's name for the host's loopback. */
  readonly guestUrl: string
  readonly requests: readonly string[]
}

async function serve(): Promise<ConfigServer> {
  const requests: string[] = []
  const answers: Record<string, string> = { '/contents': 'over the network\n' }
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const answer = answers[path]
    if (answer === undefined) response.writeHead(404)
    response.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const guestUrl = `http://10.0.2.2:${(server.address() as AddressInfo).port}`
  answers['/config.ign'] = fixture('over-the-network/config.ign').replace('@SERVER@', guestUrl)
  return {
    guestUrl,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
