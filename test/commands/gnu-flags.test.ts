import { expect, test } from 'vitest'
import { formatGnuUsage, type GnuFlag, parseGnuFlags } from '../../src/commands/gnu-flags.ts'

const flags: Record<string, GnuFlag> = {
  root: { kind: 'string', default: '/', usage: 'root' },
  offline: { kind: 'boolean', default: 'false', usage: 'no network' },
}

test.each<[string[], string, string, string[]]>([
  [[], '/', 'false', []],
  [['--root', 'x', 'config.ign'], 'x', 'false', ['config.ign']],
  [['config.ign', '--offline', '--root=x'], 'x', 'true', ['config.ign']],
  [['--offline=false', '-'], '/', 'false', ['-']],
  [['--', '--offline'], '/', 'false', ['--offline']],
  [['--root', '', ''], '', 'false', ['']],
])('%j', (args, root, offline, positionals) => {
  expect(parseGnuFlags(args, flags)).toEqual({ kind: 'parsed', values: { root, offline }, positionals })
})

test.each([
  [['--x'], 'unknown flag: --x'],
  [['-x'], "unknown shorthand flag: 'x' in -x"],
  [['--root'], 'flag needs an argument: --root'],
  [['--offline=7'], 'invalid argument "7" for "--offline" flag: true or false'],
])('%j is refused', (args, message) => {
  expect(parseGnuFlags(args, flags)).toEqual({ kind: 'error', message })
})

test.each(['-h', '--help'])('%s asks for help', (flag) => {
  expect(parseGnuFlags([flag], flags)).toEqual({ kind: 'help' })
})

test('usage lines up', () => {
  expect(formatGnuUsage('tool FILE', flags)).toBe(
    'Usage: tool FILE\nOptions:\n      --offline       no network\n      --root string   root (default "/")\n',
  )
})
