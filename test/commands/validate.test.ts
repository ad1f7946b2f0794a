import { expect, test } from 'vitest'
import { runValidate } from '../../src/commands/validate.ts'

const texts: Readonly<Record<string, string>> = {
  'fine.ign': '{"ignition":{"version":"3.4.0"}}',
  'wrong.ign': `{
  "ignition": {"version": "3.2.0"},
  "storage": {
    "files": [
      {"path": "é/motd", "contents": {"sourc": "data:,x"}}
    ],
    "luks": [{"name": "a", "device": "/dev/a", "openOptions": []}]
  }
}`,
  'warns.ign': '{"ignition":{"version":"3.4.0"},"Storage":{},"enabled":true}',
  'empty.ign': '',
  'none.ign': '{"ignition":{"version":"1"}}',
}

const noLocalFiles = () => {
  throw new Error('no local files')
}

const run = (args: string[], color = false) =>
  runValidate({
    args,
    color,
    localFiles: noLocalFiles,
    readFile(path) {
      const text = texts[path]
      if (text === undefined) throw new Error(`no such file: ${path}`)
      return new TextEncoder().encode(text)
    },
    readStdin: () => new TextEncoder().encode(texts['fine.ign']),
  })

test('shows each line with a caret, the rule, and what may have been meant', async () => {
  const { stdout, stderr, exitCode } = await run(['wrong.ign'])
  expect(stdout).toBe(`wrong.ign:5:16: error: the path must be absolute [PATH-RELATIVE]
    5 |       {"path": "é/motd", "contents": {"sourc": "data:,x"}}
      |                ^
      = at $.storage.files.0.path

wrong.ign:5:40: warning: this key has no effect: sourc [UNUSED]
    5 |       {"path": "é/motd", "contents": {"sourc": "data:,x"}}
      |                                       ^
      = at $.storage.files.0.contents.sourc
      = did you mean "source"?

wrong.ign:7:48: warning: this key has no effect: openOptions [UNUSED]
    7 |     "luks": [{"name": "a", "device": "/dev/a", "openOptions": []}]
      |                                                ^
      = at $.storage.luks.0.openOptions
      = "openOptions" exists since version 3.4.0

1 error, 2 warnings
`)
  expect(stderr).toBe('')
  expect(exitCode).toBe(1)
})

test('checks several files and standard input, and says which are right', async () => {
  expect(await run(['fine.ign', '-', '--', 'fine.ign'])).toEqual({
    stdout:
      'fine.ign: this config is right\nstandard input: this config is right\nfine.ign: this config is right\n',
    stderr: '',
    exitCode: 0,
  })
})

test('warnings fail only when they are to', async () => {
  expect((await run(['warns.ign'])).exitCode).toBe(0)
  expect((await run(['warns.ign', '--strict'])).exitCode).toBe(1)
})

test('says where a key belongs, and that another case counts', async () => {
  const { stdout } = await run(['warns.ign'])
  expect(stdout).toContain('this key counts as "storage": write it so')
  expect(stdout).toContain('"enabled" is a key of $.storage.luks[].cex, $.systemd.units[]')
})

test.each([
  ['empty.ign', 'empty.ign: error: is empty\n1 error, 0 warnings\n'],
  ['none.ign', 'none.ign: error: ignition.version is not a version: "1"\n1 error, 0 warnings\n'],
  ['gone.ign', 'gone.ign: error: cannot be read: no such file: gone.ign\n1 error, 0 warnings\n'],
])('%s fails in one line', async (file, stdout) => {
  expect(await run([file])).toEqual({ stdout, stderr: '', exitCode: 1 })
})

test('colours only when asked to', async () => {
  expect((await run(['empty.ign'], true)).stdout).toContain('\u001b[1;31merror\u001b[0m')
  expect((await run(['empty.ign'])).stdout).not.toContain('\u001b')
})

test.each([[[]], [['--strict']], [['--fast', 'fine.ign']]])('%j is wrong usage', async (args) => {
  const { stdout, stderr, exitCode } = await run(args)
  expect(stdout).toBe('')
  expect(stderr).toContain('Usage: firstlight validate')
  expect(exitCode).toBe(2)
})

test('a long line is cut around the place', async () => {
  const path = '/very/long/directory'.repeat(30)
  const text = `{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"${path}","mode":9999},{"path":"${path}1"}]}}`
  const { stdout } = await runValidate({
    args: ['-'],
    color: false,
    localFiles: noLocalFiles,
    readFile: () => new Uint8Array(),
    readStdin: () => new TextEncoder().encode(text),
  })
  const lines = stdout.split('\n')
  expect(lines[1]).toHaveLength('    1 | …'.length + 96 + 1)
  expect(lines[1]?.slice(lines[2]?.indexOf('^'))).toMatch(/^9999}/)
})

test('what the config says cannot steer the terminal', async () => {
  const { stdout } = await runValidate({
    args: ['-'],
    color: false,
    localFiles: noLocalFiles,
    readFile: () => new Uint8Array(),
    readStdin: () => new TextEncoder().encode('{"ignition":{"version":"3.4.0"},"\\u001b[2J\\n":1}'),
  })
  expect(stdout).toContain('= at $.\\u001b[2J\\u000a\n')
  expect(stdout).not.toContain('\u001b')
})
