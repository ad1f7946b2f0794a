import { expect, test } from 'vitest'
import { serializeConfig } from '../../src/spec/serialize.ts'
import { fits } from '../../src/warm/fits.ts'
import { configOf } from '../helpers/config-of.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const cache = '/run/ignition.json'
const args = ['--platform=metal', `--config-cache=${cache}`]
const job = (stage: string, differences: readonly string[]) => ({
  stage,
  args,
  caller: { pid: 7, commandLine: [], environment: {}, differences },
  output: () => undefined,
})

/** A machine whose cache has the kernel arguments. */
const machine = (shouldExist: readonly string[]) =>
  fakeSystem({ files: { [cache]: serializeConfig(configOf({ kernelArguments: { shouldExist } })) } })

test('a unit that sees and may do the same', async () => {
  expect(await fits(machine(['quiet']), job('kargs', []))).toBe(true)
})

test.each([
  ['files', 'ns/mnt'],
  ['files', 'CapBnd'],
  ['kargs', 'ns/net'],
])('a unit of %s with its own %s does not', async (stage, difference) => {
  expect(await fits(machine([]), job(stage, [difference]))).toBe(false)
})

test('the unit of kargs, with mounts of its own, does when no kernel argument is asked for', async () => {
  expect(await fits(machine([]), job('kargs', ['ns/mnt']))).toBe(true)
  expect(await fits(machine(['quiet']), job('kargs', ['ns/mnt']))).toBe(false)
})

test('it does not when the config cannot be read', async () => {
  expect(await fits(fakeSystem(), job('kargs', ['ns/mnt']))).toBe(false)
})
