import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkout } from '../../build/cache.ts'
import type { OutcomeReport } from '../../src/outcome/report.ts'
import { type Boot, boot } from './machine/boot.ts'
import { hasFirstBootFlag } from './machine/loader.ts'
import { prepareMachine } from './machine/machine.ts'
import { consoleText, fixture, fromFirmware, provisioningUnits, say, withDisk } from './machine/scenario.ts'

/** The last line that came over the port. */
const outcomeOf = ({ outcome }: Boot): OutcomeReport =>
  JSON.parse(outcome.trimEnd().split('\n').at(-1) ?? '') as OutcomeReport

describe('a first boot that fails', () => {
  test('stops with the line of the config that is wrong, and keeps the flag', async () => {
    const machine = await prepareMachine(say)
    await withDisk(machine, async (disk) => {
      const result = await boot({
        machine,
        disk,
        ...fromFirmware(fixture('mistake/config.ign')),
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
      expect(outcomeOf(result)).toMatchObject({
        outcome: 'failed',
        failure: { stage: 'fetch-offline', code: 'FL_CONFIG_INVALID', place: { line: 6 } },
      })
      // Nothing but the machine's end comes after the reason.
      expect(panel.split('====\n').at(-1)).not.toMatch(/Stopped|Started|OK/)
      expect(await hasFirstBootFlag(disk)).toBe(true)
    })
  })

  test('says on every console which line of the config cannot be carried out', async () => {
    const machine = await prepareMachine(say)
    await withDisk(machine, async (disk) => {
      const result = await boot({
        machine,
        disk,
        ...fromFirmware(fixture('in-the-way/config.ign')),
        secondConsole: true,
      })
      expect(result.report).toMatchObject({ reason: 'emergency', failedUnits: ['ignition-files.service'] })
      for (const text of [consoleText(result), result.secondConsole.replaceAll('\r', '')]) {
        const panel = text.split('The first boot has stopped')[1] ?? ''
        expect(panel).toContain('files failed\n')
        expect(panel).toContain('  code:    FL_FILE_EXISTS')
        expect(panel).toMatch(
          / {2}config: .*, line 10, column 17: \$\.storage\.files\.1\n +10 \| "path": "\/etc\/fstab"\n/,
        )
        expect(panel).not.toContain('correct-horse')
      }
      const outcome = outcomeOf(result)
      expect(outcome.stages.map(({ stage, result: ended }) => `${stage} ${ended}`)).toEqual([
        'fetch-offline passed',
        'kargs passed',
        'disks passed',
        'mount passed',
        'files failed',
      ])
      expect(outcome.failure).toMatchObject({ code: 'FL_FILE_EXISTS', place: { line: 10 } })
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
