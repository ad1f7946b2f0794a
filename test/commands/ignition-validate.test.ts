import { expect, test } from 'vitest'
import { runIgnitionValidate } from '../../src/commands/ignition-validate.ts'

const texts: Readonly<Record<string, string>> = {
  'fine.ign': '{"ignition":{"version":"3.4.0"}}',
  'warns.ign': '{"ignition":{"version":"3.4.0"},"100%d":0}',
  'wrong.ign': '{"ignition":{"version":"3.4.0"},\n"storage":{"files":[{"path":"a"}]}}',
  'empty.ign': '',
  'old.ign': '{"ignition":{"version":"2.2.0"}}',
}

const run = (...args: string[]) =>
  runIgnitionValidate({
    args,
    readFile(path) {
      const text = texts[path]
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
      return new TextEncoder().encode(text)
    },
    readStdin: () => new TextEncoder().encode(texts['wrong.ign']),
  })

test.each([
  { args: ['fine.ign'], exitCode: 0, stdout: /^$/, stderr: /^$/ },
  { args: ['--', 'fine.ign'], exitCode: 0, stdout: /^$/, stderr: /^$/ },
  { args: ['warns.ign'], exitCode: 0, stdout: /^warning at \$\.100%d, line 1 col 33: .+\n$/, stderr: /^$/ },
  {
    args: ['wrong.ign'],
    exitCode: 1,
    stdout: /^error at \$\.storage\.files\.0\.path, line 2 col 29: .+\n$/,
    stderr: /^$/,
  },
  { args: ['-'], exitCode: 1, stdout: /^error at .+\n$/, stderr: /^$/ },
  { args: ['empty.ign'], exitCode: 1, stdout: /^$/, stderr: /^couldn't parse config: .*empty.*\n$/ },
  { args: ['old.ign'], exitCode: 1, stdout: /^$/, stderr: /^couldn't parse config: .*2\.2\.0.*\n$/ },
  { args: ['none.ign'], exitCode: 1, stdout: /^$/, stderr: /^couldn't read config: .*none\.ign.*\n$/ },
  { args: [], exitCode: 1, stdout: /^$/, stderr: /^Usage/ },
  { args: ['fine.ign', '-version'], exitCode: 1, stdout: /^$/, stderr: /^Usage/ },
  { args: ['-version'], exitCode: 0, stdout: /^Ignition \S+\n$/, stderr: /^$/ },
  { args: ['--version=true', 'a', 'b'], exitCode: 0, stdout: /^Ignition \S+\n$/, stderr: /^$/ },
  { args: ['-version=F', 'fine.ign'], exitCode: 0, stdout: /^$/, stderr: /^$/ },
  { args: ['-version=maybe'], exitCode: 2, stdout: /^$/, stderr: /maybe.*\nUsage/s },
  { args: ['--quiet', 'fine.ign'], exitCode: 2, stdout: /^$/, stderr: /-quiet\nUsage/ },
  { args: ['---', 'fine.ign'], exitCode: 2, stdout: /^$/, stderr: /---\nUsage/ },
  { args: ['-h'], exitCode: 0, stdout: /^$/, stderr: /^Usage/ },
  { args: ['--help'], exitCode: 0, stdout: /^$/, stderr: /^Usage/ },
])('$args', async ({ args, exitCode, stdout, stderr }) => {
  const result = await run(...args)
  expect(result.exitCode).toBe(exitCode)
  expect(result.stdout).toMatch(stdout)
  expect(result.stderr).toMatch(stderr)
})
