import { expect, test } from 'vitest'
import { kernelArguments } from '../../../src/sections/kernel-arguments/index.ts'
import { type FakeOptions, fakeSystem } from '../../helpers/fake-system.ts'
import { failureOf, provision, stage } from '../../helpers/stage.ts'

const config = { kernelArguments: { shouldExist: ['a', 'b=c d'], shouldNotExist: ['e'] } }

function machine(programs: NonNullable<FakeOptions['programs']> = () => ({}), installed = true) {
  const system = fakeSystem({
    environment: { PATH: '/usr/sbin:/usr/bin' },
    files: installed ? { '/usr/bin/ignition-kargs-helper': '' } : {},
    programs,
  })
  return { system, context: stage({ system, config }) }
}

test('one call of the helper, additions first', async () => {
  const { system, context } = machine()
  await provision(context, kernelArguments)
  expect(system.runs.map(({ args }) => args)).toEqual([
    ['--should-exist', 'a', '--should-exist', 'b=c d', '--should-not-exist', 'e'],
  ])
})

test('nothing to do without arguments', () => {
  expect(kernelArguments.wanted(stage({ system: fakeSystem(), config: {} }))).toBe(false)
})

test('a helper that fails, and one that is not there', async () => {
  const failing = machine(() => ({ exitCode: 1, stdout: 'not supported here' }))
  expect(await failureOf(async () => provision(failing.context, kernelArguments))).toEqual({
    code: 'FL_PROGRAM',
    message: expect.stringMatching(/^cannot update kernel arguments .*not supported here/),
  })
  const missing = machine(() => ({}), false)
  const failure = await failureOf(async () => provision(missing.context, kernelArguments))
  expect(failure.code).toBe('FL_PROGRAM_MISSING')
  expect(missing.system.runs).toEqual([])
})
