import { describe, expect, test } from 'vitest'
import { parseConfigArguments, readFromCommandLine } from '../../src/acquire/kernel-command-line.ts'
import { reveal } from '../../src/secret.ts'
import type { Fetch } from '../../src/section.ts'
import { fakeSystem } from '../helpers/fake-system.ts'

const fetch: Fetch = {
  toMemory: async ({ source = '' }) => new TextEncoder().encode(`fetched ${reveal(source)}`),
  toSink: async () => {},
  scoped: () => fetch,
}

const read = (commandLine: string, files = {}) => {
  const system = fakeSystem({ files: { '/proc/cmdline': commandLine, ...files } })
  return { system, answer: readFromCommandLine(system, fetch) }
}

describe('arguments', () => {
  test.each([
    ['', {}, 0],
    ['quiet ignition.config.url=http://h/c', { url: 'http://h/c' }, 0],
    ['ignition.config.url=http://h/a ignition.config.url=http://h/b', { url: 'http://h/b' }, 0],
    ['ignition.config.url=http://h/?a=b', { url: 'http://h/?a=b' }, 0],
    ['ignition.config.url=', {}, 1],
    ['ignition.config.url=http://h/a ignition.config.url=', { url: 'http://h/a' }, 1],
    ['ignition.config.url="http://h/c"', {}, 1],
    ['ignition.config.url=http://h/%zz', {}, 1],
    ['ignition.config.url', {}, 0],
    ['ignition.config.device=D\tignition.config.path=/p', { device: 'D', path: '/p' }, 0],
    ['xignition.config.url=http://h/c constructor=1 =x', {}, 0],
  ])('%j', (commandLine, expected, warnings) => {
    const warned: string[] = []
    expect(parseConfigArguments(commandLine, (message) => warned.push(message))).toEqual(expected)
    expect(warned).toHaveLength(warnings)
  })
})

test('nothing on the command line is no answer', async () => {
  expect(await read('quiet').answer).toEqual({ kind: 'absent' })
})

test('a URL is fetched, and beats a device', async () => {
  const { system, answer } = read('ignition.config.url=http://h/c ignition.config.device=D')
  expect(await answer).toMatchObject({
    kind: 'found',
    source: 'cmdline',
    bytes: new TextEncoder().encode('fetched http://h/c'),
  })
  expect(system.messages.map(({ level }) => level)).toEqual(['warning'])
})

test.each(['ignition.config.device=D', 'ignition.config.path=/p'])(
  '%s alone is an error',
  async (commandLine) => {
    await expect(read(commandLine).answer).rejects.toThrow('must be provided together')
  },
)

test.each(['a/b', '.', '..'])('label %j is refused', async (label) => {
  await expect(read(`ignition.config.device=${label} ignition.config.path=/p`).answer).rejects.toThrow(
    'invalid device label',
  )
})

test('a device that does not come is given up after 30 s', async () => {
  const { system, answer } = read('ignition.config.device=D ignition.config.path=/p')
  await expect(answer).rejects.toThrow('device "D" did not appear within timeout')
  expect(system.slept.reduce((sum, one) => sum + one, 0)).toBe(30_000)
})

test('a device is mounted, read, unmounted', async () => {
  const system = fakeSystem({
    files: {
      '/proc/cmdline': 'ignition.config.device=D ignition.config.path=../etc/c.ign',
      '/dev/disk/by-label/D': '',
    },
    programs: ({ args }, files) => {
      const target = args.at(-1) ?? ''
      files.makeDirectory(`${target}/etc`, { mode: 0o755 })
      files.write(`${target}/etc/c.ign`, 'config', { mode: 0o644 })
      return {}
    },
  })
  const answer = await readFromCommandLine(system, fetch)
  expect(answer).toMatchObject({ kind: 'found', source: 'cmdline' })
  expect(answer.kind === 'found' && new TextDecoder().decode(answer.bytes)).toBe('config')
  const [run] = system.runs
  expect(run?.args.slice(0, -1)).toEqual([
    '-o',
    'ro,nodev,nosuid,noexec',
    '-t',
    'auto',
    '/dev/disk/by-label/D',
  ])
})

test('an unreadable command line is an error', async () => {
  await expect(readFromCommandLine(fakeSystem(), fetch)).rejects.toMatchObject({
    code: 'FL_CONFIG_UNREADABLE',
  })
})
