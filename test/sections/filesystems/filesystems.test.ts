import { expect, test } from 'vitest'
import { filesystems } from '../../../src/sections/filesystems/index.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, provision, stage } from '../../helpers/stage.ts'

function machine(programs: NonNullable<FakeOptions['programs']>) {
  const system = fakeSystem({
    environment: { PATH: '/bin' },
    files: {
      '/bin/wipefs': '',
      '/bin/mkfs.ext4': '',
      '/bin/mkfs.xfs': '',
      '/dev/sda': { block: new Uint8Array() },
      '/dev/sdb': { block: new Uint8Array() },
    },
    programs,
  })
  const entries = [
    { device: '/dev/sda', format: 'ext4' },
    { device: '/dev/sdb', format: 'xfs' },
  ]
  return { system, context: stage({ system, config: { storage: { filesystems: entries } } }) }
}

const alias = (name: string) => `/run/ignition/dev_aliases/dev/${name}`

test('what failed is said for every device, and its device is left blank', async () => {
  const { system, context } = machine(({ program }) =>
    program.startsWith('mkfs') ? { exitCode: 1, stderr: `${program} says no` } : {},
  )
  const failure = await failureOf(async () => provision(context, filesystems))
  expect(failure.code).toBe('FL_PROGRAM')
  expect(failure.message.split('\n')).toHaveLength(2)
  expect(failure.message).toMatch(
    /cannot make ext4 on "\/dev\/sda": .*mkfs.ext4 says no.*cannot make xfs on "\/dev\/sdb": .*mkfs.xfs says no/s,
  )
  const wiped = system.runs.filter(({ args }) => args[0] === '-a').map(({ args }) => args[1])
  expect(wiped).toHaveLength(4)
  expect(new Set(wiped)).toEqual(new Set([alias('sda'), alias('sdb')]))
})

test('one that fails does not keep the others from being made', async () => {
  const { system, context } = machine(({ program }) => ({ exitCode: program === 'mkfs.ext4' ? 1 : 0 }))
  await failureOf(async () => provision(context, filesystems))
  expect(system.runs.map(({ program }) => program)).toContain('mkfs.xfs')
})
