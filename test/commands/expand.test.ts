import { expect, test } from 'vitest'
import { runExpand } from '../../src/commands/expand.ts'
import type { LocalFiles } from '../../src/spec/yaml/local.ts'

const texts: Readonly<Record<string, string>> = {
  'fine.bu': `variant: fcos
version: 1.5.0
storage:
  files:
    - path: /etc/motd
      contents: {local: motd}
`,
  'long.bu': `variant: fcos
version: 1.5.0
storage:
  files:
    - path: /etc/long
      contents: {inline: ${'a long text '.repeat(50)}}
`,
  'outside.bu': 'variant: fcos\nversion: 1.5.0\nstorage: {files: [{path: /a, contents: {local: ../motd}}]}\n',
  'warns.bu': 'variant: fcos\nversion: 1.5.0\nzz: 1\n',
  'fine.ign': '{"ignition":{"version":"3.4.0"}}\n',
}

const local: LocalFiles = {
  read: (path) =>
    path === 'motd'
      ? { kind: 'bytes', bytes: new TextEncoder().encode('hello') }
      : { kind: 'fault', reason: `no ${path}` },
  walk: () => ({ kind: 'fault', reason: 'no directories' }),
}

const run = (...args: string[]) =>
  runExpand({
    args,
    color: false,
    localFiles(directory) {
      expect(directory).toBe('desk')
      return local
    },
    readFile: (path) => new TextEncoder().encode(texts[path]),
    readStdin: () => new TextEncoder().encode(texts['warns.bu']),
  })

test('prints the Ignition config with its local files', async () => {
  const { stdout, stderr, exitCode } = await run('--files-dir', 'desk', 'fine.bu')
  expect(JSON.parse(stdout)).toEqual({
    ignition: { version: '3.4.0' },
    storage: { files: [{ path: '/etc/motd', contents: { source: 'data:,hello', compression: '' } }] },
  })
  expect(stdout.endsWith('}\n')).toBe(true)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
})

test('packs what gets shorter by it', async () => {
  const { stdout } = await run('long.bu')
  expect(JSON.parse(stdout)).toMatchObject({ storage: { files: [{ contents: { compression: 'gzip' } }] } })
})

test.each([
  [['fine.bu'], 1, /expand --files-dir DIR/],
  [['--files-dir=desk', 'outside.bu'], 1, /outside of the directory for local files.*\n/],
  [['warns.bu', '--strict'], 1, /warning: this key has no effect: zz/],
  [[], 2, /Usage: firstlight expand/],
  [['a', 'b'], 2, /Usage: firstlight expand/],
  [['--fast', 'fine.bu'], 2, /--fast\nUsage/],
])('%j prints no config', async (args, exitCode, stderr) => {
  const result = await run(...args)
  expect(result).toMatchObject({ stdout: '', exitCode })
  expect(result.stderr).toMatch(stderr)
})

test('warnings do not keep it from standard output', async () => {
  const { stdout, stderr, exitCode } = await run('-')
  expect(JSON.parse(stdout)).toEqual({ ignition: { version: '3.4.0' } })
  expect(stderr).toContain('standard input:3:1: warning')
  expect(exitCode).toBe(0)
})

test('JSON stands for itself', async () => {
  expect(await run('fine.ign')).toEqual({ stdout: texts['fine.ign'], stderr: '', exitCode: 0 })
})
