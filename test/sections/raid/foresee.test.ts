import { expect, test } from 'vitest'
import type { MachineDevice } from '../../../src/plan/machine.ts'
import { deviceAt, modelOf } from '../../../src/plan/model.ts'
import { afterRaid, foreseeRaid } from '../../../src/sections/raid/foresee.ts'
import { planRaid } from '../../../src/sections/raid/plan.ts'
import { configOf } from '../../helpers/config-of.ts'

const raidMember = { uuid: '1:2', name: 'any:pair', level: 'raid1', activeCount: 2 }

const member = (path: string, more: Partial<MachineDevice> = {}): MachineDevice => ({
  path,
  links: [],
  kind: 'disk',
  sizeBytes: 2 ** 24,
  sectorBytes: 512,
  builtOn: [],
  signatures: [{ type: 'linux_raid_member', usage: 'raid', uuid: '', label: 'any:pair' }],
  raidMember,
  ...more,
})

/** A mirror that runs with one half. */
const half = (more: Partial<MachineDevice> = {}) =>
  modelOf({
    where: 'initramfs',
    devices: [
      member('/dev/sda', { use: 'held by "/dev/md127"' }),
      member('/dev/sdb'),
      {
        path: '/dev/md127',
        links: ['/dev/md/pair'],
        kind: 'raid',
        sizeBytes: 2 ** 24,
        sectorBytes: 512,
        builtOn: ['/dev/sda'],
        signatures: [{ type: 'ext4', usage: 'filesystem', uuid: '', label: 'kept' }],
        raid: { level: 'raid1', activeCount: 2 },
        ...more,
      },
    ],
  })

const config = configOf({
  storage: { raid: [{ name: 'pair', level: 'raid1', devices: ['/dev/sda', '/dev/sdb'] }] },
})

test('a mirror that runs with one half is foreseen to be started with both, and to keep what it holds', () => {
  const model = half()
  const steps = planRaid(config, foreseeRaid(model, config).facts)
  expect(steps.map(({ kind, remains }) => [kind, remains])).toEqual([['assemble', ['/dev/md127']]])
  const after = afterRaid(model, steps)
  const array = deviceAt(after, '/dev/md/pair')
  expect(array?.path).toBe('/dev/md127')
  expect(array?.builtOn).toEqual(['/dev/sda', '/dev/sdb'])
  expect(array?.signatures?.[0]?.label).toBe('kept')
  expect(planRaid(config, foreseeRaid(after, config).facts)).toEqual([])
})

test('one that is in use is foreseen to be refused', () => {
  const model = half({ use: 'mounted at "/x"' })
  expect(() => planRaid(config, foreseeRaid(model, config).facts)).toThrow(
    'its device "/dev/md127" is mounted at "/x"',
  )
})
