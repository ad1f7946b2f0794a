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
  'wrong.bu': `variant: fcos
version: 1.6.0
storage:
  files:
    - {path: é, mod: 0644}
`,
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
    5 |       {"path": "é/motd", "contents": {"sourc": *********}}
      |                ^
      = at $.storage.files.0.path

wrong.ign:5:40: warning: this key has no effect: sourc [UNUSED]
    5 |       {"path": "é/motd", "contents": {"sourc": *********}}
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

test('YAML is shown with its own lines and keys', async () => {
  const { stdout } = await run(['wrong.bu'])
  expect(stdout).toBe(`wrong.bu:5:14: error: the path must be absolute [PATH-RELATIVE]
    5 |     - {path: é, mod: ****}
      |              ^
      = at $.storage.files.0.path

wrong.bu:5:18: warning: this key has no effect: mod [UNUSED]
    5 |     - {path: é, mod: ****}
      |                 ^
      = at $.storage.files.0.mod
      = did you mean "mode"?

1 error, 1 warning
`)
})

test('--format json has the documented shape', async () => {
  const { stdout, exitCode } = await run(['--format', 'json', 'wrong.bu', 'fine.ign', 'empty.ign'])
  expect(JSON.parse(stdout)).toEqual({
    shape: 1,
    errors: 2,
    warnings: 1,
    files: [
      {
        file: 'wrong.bu',
        valid: false,
        entries: [
          {
            severity: 'error',
            rule: 'PATH-RELATIVE',
            message: 'the path must be absolute',
            path: '$.storage.files.0.path',
            line: 5,
            column: 14,
          },
          {
            severity: 'warning',
            rule: 'UNUSED',
            message: 'this key has no effect: mod',
            path: '$.storage.files.0.mod',
            line: 5,
            column: 18,
            hint: 'did you mean "mode"?',
          },
        ],
      },
      { file: 'fine.ign', valid: true, entries: [] },
      {
        file: 'empty.ign',
        valid: false,
        entries: [{ severity: 'error', rule: 'EMPTY', message: 'is empty', path: '$' }],
      },
    ],
  })
  expect(exitCode).toBe(1)
})

test('--format sarif counts columns in UTF-16 units and lists the rules it names', async () => {
  const { stdout, exitCode } = await run(['--format=sarif', 'wrong.bu', 'gone.ign'])
  const { version, runs } = JSON.parse(stdout) as { version: string; runs: unknown[] }
  expect(version).toBe('2.1.0')
  expect(runs).toMatchObject([
    {
      tool: {
        driver: {
          name: 'Firstlight',
          rules: [{ id: 'PATH-RELATIVE' }, { id: 'UNREADABLE' }, { id: 'UNUSED' }],
        },
      },
      columnKind: 'utf16CodeUnits',
      results: [
        {
          ruleId: 'PATH-RELATIVE',
          level: 'error',
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: 'wrong.bu' },
                region: { startLine: 5, startColumn: 14 },
              },
              logicalLocations: [{ fullyQualifiedName: '$.storage.files.0.path' }],
            },
          ],
        },
        {
          ruleId: 'UNUSED',
          level: 'warning',
          message: { text: 'this key has no effect: mod (did you mean "mode"?)' },
          locations: [{ physicalLocation: { region: { startLine: 5, startColumn: 17 } } }],
        },
        {
          ruleId: 'UNREADABLE',
          level: 'error',
          locations: [{ physicalLocation: { artifactLocation: { uri: 'gone.ign' } } }],
        },
      ],
    },
  ])
  expect(exitCode).toBe(1)
})

test('one mistake is one message', async () => {
  const filesystems = '[{"device":"/dev/a","label":"a"}]'
  const luks = '[{"name":"a","device":"/dev/b","keyFile":{"source":"zzz:"}}]'
  const text = `{"ignition":{"version":"3.4.0"},"storage":{"filesystems":${filesystems},"luks":${luks}}}`
  const { stdout } = await runValidate({
    args: ['--format=json', '-'],
    color: false,
    localFiles: noLocalFiles,
    readFile: () => new Uint8Array(),
    readStdin: () => new TextEncoder().encode(text),
  })
  const { files } = JSON.parse(stdout) as { files: { entries: { rule: string }[] }[] }
  expect(files[0]?.entries.map(({ rule }) => rule)).toEqual(['FS-FORMAT-NEEDED', 'URL-SCHEME'])
})

test.each(['text', 'json', 'sarif'])(
  'many entries as %s take no longer than they are many',
  async (format) => {
    const files = Array.from({ length: 20_000 }, (_, index) => `    - {path: a${index}}\n`)
    const text = `variant: fcos\nversion: 1.6.0\nstorage:\n  files:\n${files.join('')}`
    const started = performance.now()
    const { stdout } = await runValidate({
      args: ['--format', format, '-'],
      color: false,
      localFiles: noLocalFiles,
      readFile: () => new Uint8Array(),
      readStdin: () => new TextEncoder().encode(text),
    })
    expect(stdout).toContain('$.storage.files.19999.path')
    expect(performance.now() - started).toBeLessThan(10_000)
  },
)

test('colours only when asked to', async () => {
  expect((await run(['empty.ign'], true)).stdout).toContain('\u001b[1;31merror\u001b[0m')
  expect((await run(['empty.ign'])).stdout).not.toContain('\u001b')
})

test.each([[[]], [['--strict']], [['--fast', 'fine.ign']], [['--format=xml', 'fine.ign']]])(
  '%j is wrong usage',
  async (args) => {
    const { stdout, stderr, exitCode } = await run(args)
    expect(stdout).toBe('')
    expect(stderr).toContain('Usage: firstlight validate')
    expect(exitCode).toBe(2)
  },
)

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
