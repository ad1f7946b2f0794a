import { beforeAll, describe, expect, test } from 'vitest'
import { type Boot, boot } from './machine/boot.ts'
import { type BootServer, serveConfig } from './machine/boot-server.ts'
import { hasFirstBootFlag } from './machine/loader.ts'
import { type Machine, prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, fromServer, provisioningUnits, say, withDisk } from './machine/scenario.ts'

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
      await using server = await serveConfig(fixture('over-the-network/config.ign'))
      const result = await boot({
        machine,
        disk,
        ...fromServer(server.guestUrl),
        network: true,
        paths: ['/etc/from-the-network'],
      })
      expectProvisionedBy(server, result)
    })
  })

  test('a rack: kernel, initramfs and config all come over the network', async () => {
    await withDisk(machine, async (disk) => {
      await using server = await serveConfig(fixture('over-the-network/config.ign'), { machine })
      const result = await boot({
        machine,
        disk,
        ...fromServer(server.guestUrl),
        bootServer: server.guestUrl,
        paths: ['/etc/from-the-network'],
      })
      expectProvisionedBy(server, result)
      expect(server.requests.slice(0, 2)).toEqual(['/kernel', '/initramfs'])
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

function expectProvisionedBy(server: BootServer, result: Boot): void {
  expect(result.report).toMatchObject({ reason: 'real-root', failedUnits: [] })
  const served = { type: 'regular file', mode: '644', bytes: 'over the network\n'.length }
  expect(result.report.paths.get('/etc/from-the-network')).toMatchObject(served)
  expect(provisioningUnits(result)).toContain('ignition-fetch.service')
  expect(server.requests).toContain('/config.ign')
}
