import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planMachine } from '../../src/plan/plan-machine.ts'
import { readMachine } from '../../src/plan/read-machine.ts'
import { configOf } from '../helpers/config-of.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { failureOf } from '../helpers/stage.ts'

const text = readFileSync(join(import.meta.dirname, '../../fixtures/plans/two-disks/machine.json'), 'utf8')

const read = (json: string) => readMachine(Buffer.from(json), 'machine.json')

test.each([
  ['0', '$.devices.0.sectorBytes'],
  ['513', '$.devices.0.sectorBytes'],
  ['-512', '$.devices.0.sectorBytes'],
  ['"512"', '$.devices.0.sectorBytes'],
])('sectors of %s bytes are refused', async (size, place) => {
  const { code, message } = await failureOf(() =>
    read(text.replace('"sectorBytes": 512', `"sectorBytes": ${size}`)),
  )
  expect(code).toBe('FL_MACHINE_UNREADABLE')
  expect(message).toContain(place)
})

test.each([
  ['', 'it is empty'],
  ['{"version": 1, "devi', 'it is not JSON'],
  ['\u0000', 'it is not JSON'],
  ['[]', '$ is not an object'],
  ['null', '$ is not an object'],
  ['{"version": 2}', '$.version is not 1'],
  [text.replace('"initramfs"', '"elsewhere"'), '$.where is not "initramfs" or "system"'],
  [text.replaceAll('"unseen"', '"seen"'), '$.unseen is missing'],
  [text.replace('"links": [', '"links": [null, '), '$.devices.0.links.0 is not a string'],
])('what is no description is refused with the place where it is wrong: %#', async (json, reason) => {
  const { code, message } = await failureOf(() => read(json))
  expect(code).toBe('FL_MACHINE_UNREADABLE')
  expect(message).toContain(reason)
})

test('a description in which devices are built on themselves has a plan', async () => {
  const machine = read(
    text
      .replaceAll('"builtOn": []', '"builtOn": ["/dev/vda", "/dev/vdb", "/dev/vda1"]')
      .replaceAll('"disk": "/dev/vdb"', '"disk": "/dev/vdb1"'),
  )
  const filesystems = [{ device: '/dev/vdb1', format: 'ext4', wipeFilesystem: true }]
  const plan = await planMachine({
    system: fakeSystem(),
    config: configOf({ storage: { filesystems } }),
    machine,
  })
  expect(plan.effects.map(({ effect }) => effect)).toContain('destroy')
})
