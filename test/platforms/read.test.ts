import { expect, test } from 'vitest'
import { readPlatform as readWith } from '../../src/platforms/read.ts'
import { createFetcher } from '../../src/resources/fetch.ts'
import { type FakeSystem, fakeSystem } from '../helpers/fake-system.ts'

const readPlatform = (system: FakeSystem, platform: string) =>
  readWith({ system, platform, fetcher: createFetcher({ system, offline: false }) })

const DEVICE = '/sys/firmware/qemu_fw_cfg/by_name'
const text = (answer: Awaited<ReturnType<typeof readPlatform>>) =>
  answer.kind === 'found' ? new TextDecoder().decode(answer.bytes) : answer.kind

test.each(['opt/com.coreos/config', 'opt/org.flatcar-linux/config'])('qemu reads %s', async (name) => {
  const system = fakeSystem({ files: { [`${DEVICE}/${name}/size`]: '2\n', [`${DEVICE}/${name}/raw`]: '{}' } })
  expect(text(await readPlatform(system, 'qemu'))).toBe('{}')
  expect(system.runs).toEqual([])
})

test('qemu prefers the first name', async () => {
  const files = {
    [`${DEVICE}/opt/com.coreos/config/size`]: '1',
    [`${DEVICE}/opt/com.coreos/config/raw`]: 'a',
    [`${DEVICE}/opt/org.flatcar-linux/config/size`]: '1',
    [`${DEVICE}/opt/org.flatcar-linux/config/raw`]: 'b',
  }
  expect(text(await readPlatform(fakeSystem({ files }), 'qemu'))).toBe('a')
})

test('qemu loads the module when the device is missing, and no config is no error', async () => {
  const system = fakeSystem({
    programs: (_, files) => {
      files.makeDirectory('/sys', { mode: 0o755 })
      files.makeDirectory('/sys/firmware', { mode: 0o755 })
      files.makeDirectory('/sys/firmware/qemu_fw_cfg', { mode: 0o755 })
      return {}
    },
  })
  expect(await readPlatform(system, 'qemu')).toMatchObject({ kind: 'empty' })
  expect(system.runs.map(({ program, args }) => [program, ...args])).toEqual([['modprobe', 'qemu_fw_cfg']])
})

test('qemu fails when the module cannot be loaded', async () => {
  const system = fakeSystem({ programs: () => ({ exitCode: 1, stderr: 'no such module' }) })
  await expect(readPlatform(system, 'qemu')).rejects.toMatchObject({ code: 'FL_PROGRAM' })
})

test('qemu notices a truncated item', async () => {
  const item = `${DEVICE}/opt/com.coreos/config`
  const system = fakeSystem({ files: { [`${item}/size`]: '9', [`${item}/raw`]: '{}' } })
  await expect(readPlatform(system, 'qemu')).rejects.toThrow(
    'QEMU firmware config item "opt/com.coreos/config" says it has 9 bytes but gave 2',
  )
})

test('file reads where the environment says', async () => {
  const system = fakeSystem({ files: { '/c/x.ign': 'x' }, environment: { IGNITION_CONFIG_FILE: '/c/x.ign' } })
  expect(text(await readPlatform(system, 'file'))).toBe('x')
})

test('file must be there', async () => {
  const system = fakeSystem({ environment: { IGNITION_CONFIG_FILE: '/none' } })
  await expect(readPlatform(system, 'file')).rejects.toMatchObject({
    code: 'FL_CONFIG_UNREADABLE',
    message: 'cannot read the config file "/none"',
  })
})

test('metal has nothing of its own', async () => {
  expect(await readPlatform(fakeSystem(), 'metal')).toMatchObject({ kind: 'empty' })
})
