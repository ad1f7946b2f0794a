import { expect, test } from 'vitest'
import { providerFiles } from '../../../src/sections/provider-files/index.ts'
import { fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, provision, type StageOptions, stage } from '../../helpers/stage.ts'

const setUp = (providerOutputFiles: readonly unknown[], rest: Partial<StageOptions> = {}) => {
  const system = fakeSystem()
  const context = stage({ system, config: {}, state: { providerOutputFiles }, ...rest })
  return { system, run: () => provision(context, providerFiles) }
}

const path = '/etc/NetworkManager/system-connections/eth0'

test('files that the provider brought are written as a config would have them', async () => {
  const { system, run } = setUp([{ path, mode: 0o600, contents: { source: 'data:,x' } }])
  await run()
  expect(system.files.readText(`/sysroot${path}`)).toBe('x')
  expect(system.files.lstat(`/sysroot${path}`)?.mode).toBe(0o600)
})

test('not live', async () => {
  const { system, run } = setUp([{ path }], { mode: 'live' })
  await run()
  expect(system.files.lstat('/sysroot')).toBeUndefined()
})

test('what is not a file of a config is an error', async () => {
  expect(await failureOf(setUp([{ path: 'relative' }]).run)).toMatchObject({ code: 'FL_STATE_UNREADABLE' })
  expect(await failureOf(setUp(['x']).run)).toMatchObject({ code: 'FL_STATE_UNREADABLE' })
})
