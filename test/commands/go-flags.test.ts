import { describe, expect, test } from 'vitest'
import { type Flag, formatGoUsage, parseGoDuration, parseGoFlags } from '../../src/commands/go-flags.ts'

const flags: Record<string, Flag> = {
  root: { kind: 'string', default: '/', usage: 'root' },
  quiet: { kind: 'boolean', default: 'false', usage: 'say nothing' },
  time: { kind: 'duration', default: '2m0s', usage: 'how long' },
  color: {
    kind: 'string',
    default: '',
    usage: 'color',
    check: (value) => (value === 'red' ? undefined : `${value} is not a color`),
  },
}

const values = (args: string[]) => {
  const parsed = parseGoFlags(args, flags)
  return parsed.kind === 'parsed' ? { ...parsed.values, rest: parsed.positionals } : parsed
}
const defaults = { root: '/', quiet: 'false', time: '2m0s', color: '', rest: [] }

describe('what is read', () => {
  test.each<[string[], object]>([
    [[], {}],
    [['-root', '/sysroot'], { root: '/sysroot' }],
    [['--root=/sysroot'], { root: '/sysroot' }],
    [['-root', ''], { root: '' }],
    [['-root='], { root: '' }],
    [['-root', '-quiet'], { root: '-quiet' }],
    [['-root=a=b'], { root: 'a=b' }],
    [['-quiet'], { quiet: 'true' }],
    [['-quiet=0'], { quiet: 'false' }],
    [['-quiet=T'], { quiet: 'true' }],
    [['-quiet', 'false'], { quiet: 'true', rest: ['false'] }],
    [['-time', '1m30s'], { time: '1m30s' }],
    [['-color', 'red'], { color: 'red' }],
    [['-quiet', ''], { quiet: 'true', rest: [''] }],
    [['', '-quiet'], { rest: ['', '-quiet'] }],
    [['-', '-quiet'], { rest: ['-', '-quiet'] }],
    [['--', '-quiet'], { rest: ['-quiet'] }],
    [['-root', 'a', '-root', 'b'], { root: 'b' }],
  ])('%j', (args, expected) => {
    expect(values(args)).toEqual({ ...defaults, ...expected })
  })
})

describe('what is refused', () => {
  test.each([
    [['-bogus'], 'flag provided but not defined: -bogus'],
    [['-root'], 'flag needs an argument: -root'],
    [['-time', '5'], 'invalid value "5" for flag -time: parse error'],
    [['-color', 'blue'], 'invalid value "blue" for flag -color: blue is not a color'],
    [['-color='], 'invalid value "" for flag -color:  is not a color'],
    [['-quiet=maybe'], 'invalid boolean value "maybe" for -quiet: parse error'],
    [['---x'], 'bad flag syntax: ---x'],
    [['-=x'], 'bad flag syntax: -=x'],
  ])('%j', (args, message) => {
    expect(values(args)).toEqual({ kind: 'error', message })
  })
  test.each(['-h', '--help', '-help'])('%s asks for help', (flag) => {
    expect(values([flag])).toEqual({ kind: 'help' })
  })
})

test.each([
  ['2m0s', 120],
  ['1h', 3600],
  ['1.5s', 1.5],
  ['300ms', 0.3],
  ['-1s', -1],
  ['0', 0],
  ['.5s', 0.5],
  ['5', undefined],
  ['', undefined],
  ['s', undefined],
  ['1s ', undefined],
  ['1x', undefined],
])('duration %j', (text, seconds) => {
  if (seconds === undefined) expect(parseGoDuration(text)).toBeUndefined()
  else expect(parseGoDuration(text)).toBeCloseTo(seconds)
})

test('usage names every flag in byte order, with its default', () => {
  expect(formatGoUsage('ignition', flags)).toBe(
    [
      'Usage of ignition:',
      '  -color value',
      '    \tcolor',
      '  -quiet',
      '    \tsay nothing',
      '  -root string',
      '    \troot (default "/")',
      '  -time duration',
      '    \thow long (default 2m0s)',
      '',
    ].join('\n'),
  )
})
