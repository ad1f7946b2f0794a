import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { boot } from './machine/boot.ts'
import { checkout } from './machine/cache.ts'
import { hasFirstBootFlag } from './machine/loader.ts'
import { prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, provisioningUnits, say, withDisk } from './machine/scenario.ts'

describe('a first boot that fails', () => {
  test('stops with the line of the config that is wrong, and keeps the flag', async () => {
    const machine = await prepareMachine(say)
    await withDisk(machine, async (disk) => {
      const result = await boot({
        machine,
        disk,
        arguments: ['ignition.platform.id=qemu'],
        firmware: { 'opt/com.coreos/config': fixture('mistake/config.ign') },
      })
      expect(result.report).toMatchObject({
        reason: 'emergency',
        failedUnits: ['ignition-fetch-offline.service'],
      })
      expect(provisioningUnits(result)).toEqual([
        'firstlight-failure.service',
        'ignition-fetch-offline.service',
      ])
      const panel = consoleText(result).split('The first boot has stopped')[1] ?? ''
      expect(panel).toContain('FL_CONFIG_INVALID')
      expect(panel).toContain('$.storage.files.1.path')
      expect(panel).toMatch(/line 6 col \d+/)
      // Nothing but the machine's end comes after the reason.
      expect(panel.split('====\n').at(-1)).not.toMatch(/Stopped|Started|OK/)
      expect(await hasFirstBootFlag(disk)).toBe(true)
    })
  })

  test('keeps the flag when only the unmounting stage fails, the last of all', async () => {
    const machine = await prepareMachine(say, join(checkout, 'fixtures/boot/unmount-fails/executable'))
    await withDisk(machine, async (disk) => {
      const result = await boot({ machine, disk, arguments: ['ignition.platform.id=qemu'] })
      expect(result.report).toMatchObject({ reason: 'emergency' })
      expect(result.report.failedUnits).toContain('ignition-mount.service')
      expect(result.report.units.get('ignition-files.service')?.startedAt).toBeDefined()
      expect(consoleText(result).split('The first boot has stopped')[1]).toContain('/sysroot/var is busy')
      expect(await hasFirstBootFlag(disk)).toBe(true)
    })
  })
})
