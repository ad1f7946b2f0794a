import { expect, test } from 'vitest'
import { checkPlanHash } from '../../src/plan/check-plan-hash.ts'
import { planMachine } from '../../src/plan/plan-machine.ts'
import type { Config } from '../../src/spec/config.ts'
import { configOf, type Sketch } from '../helpers/config-of.ts'
import { fakeSystem } from '../helpers/fake-system.ts'
import { failureOf, stage } from '../helpers/stage.ts'

const config: Sketch<Config> = { storage: { files: [{ path: '/etc/motd' }] } }
const other: Sketch<Config> = { storage: { files: [{ path: '/etc/issue' }] } }

const machine = (commandLine: string) => fakeSystem({ files: { '/proc/cmdline': commandLine } })

const hashOf = async (sketch: Sketch<Config>) =>
  (await planMachine({ system: machine(''), config: configOf(sketch) })).hash

const check = async (system: ReturnType<typeof machine>, sketch = config) =>
  checkPlanHash(stage({ system, config: sketch }))

test('a boot without the kernel argument is not held up', async () => {
  const system = machine('quiet')
  await check(system)
  expect(system.messages).toEqual([])
})

test('the reviewed plan passes, once in a boot', async () => {
  const system = machine(`firstlight.plan_hash=old firstlight.plan_hash=${await hashOf(config)}`)
  await check(system)
  expect(system.messages.at(-1)?.message).toMatch(/^the plan is the one that was reviewed: plan1-/)
  expect(system.files.lstat('/run/firstlight/reviewed-plan')).toMatchObject({ mode: 0o600 })
  await check(system)
  expect(system.messages.at(-1)?.message).toBe('this plan was checked earlier in this boot')
  expect(await failureOf(async () => check(system, other))).toMatchObject({ code: 'FL_PLAN_CHANGED' })
})

test('any other plan is refused, and the difference is named in one line', async () => {
  const system = machine(`firstlight.plan_hash=${await hashOf(other)}`)
  expect(await failureOf(async () => check(system))).toEqual({
    code: 'FL_PLAN_CHANGED',
    message: 'this is not the plan that was reviewed; nothing was changed. Different: the config',
  })
  for (const wrong of ['', 'sha256-00', `${await hashOf(config)}-00`])
    expect((await failureOf(async () => check(machine(`firstlight.plan_hash=${wrong}`)))).message).toBe(
      `"${wrong}" is no hash of a plan; nothing was changed`,
    )
})

test('a hash does not change with the kernel arguments that the config changes', async () => {
  const sketch = { kernelArguments: { shouldExist: ['quiet'] } }
  const system = machine('')
  const described = (kernelArguments: readonly string[]) =>
    planMachine({
      system,
      config: configOf(sketch),
      machine: {
        version: 1,
        where: 'initramfs',
        architecture: 'x64',
        memoryBytes: 0,
        kernelArguments,
        programs: [],
        devices: [],
        mounts: [],
        unseen: [],
      },
    })
  const [before, after] = [await described([]), await described(['quiet'])]
  expect(before.effects).not.toEqual(after.effects)
  expect(after.hash).toBe(before.hash)
})
