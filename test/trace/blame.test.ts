import { describe, expect, test } from 'vitest'
import { blame, formatBlame, formatSeconds } from '../../src/trace/blame.ts'
import { drawTrace } from '../../src/trace/picture.ts'
import { readTrace } from '../../src/trace/read.ts'

const named = (pid: number, name: string) =>
  `{"ph":"M","name":"process_name","pid":${pid},"tid":0,"args":{"name":"${name}"}},`

const span = (kind: string, name: string, [from, to]: readonly [number, number], rest: object = {}) =>
  `${JSON.stringify({ ph: 'X', cat: kind, name, pid: 1, tid: 0, ts: from * 1e6, dur: (to - from) * 1e6, ...rest })},`

const disks = [
  '[',
  named(1, 'disks'),
  span('start', 'starting', [10, 10.1], { span: 2, in: 1 }),
  span('program', 'mkfs "a<b"', [11, 15], { span: 5, in: 4 }),
  span('step', 'creating a filesystem', [10.5, 16], { span: 4, in: 3 }),
  span('section', 'filesystems', [10.5, 17], { span: 3, in: 1 }),
  span('stage', 'disks', [10, 17], { span: 1 }),
]
const files = [
  '',
  named(1, 'files'),
  span('request', 'GET http://h/1', [20, 20.5], { span: 4, in: 3 }),
  span('fetch', 'http://h/1', [20, 21], { span: 3, in: 2 }),
  span('fetch', 'http://h/2', [20.5, 22], { tid: 1, span: 5, in: 2 }),
  span('section', 'files', [20, 22], { span: 2, in: 1 }),
]

describe('a trace is read', () => {
  test('with processes of one number apart, and what has not ended up to what is known', () => {
    const processes = readTrace([...disks, ...files].join('\n'))
    expect(processes).toMatchObject([
      { name: 'disks', begun: 10, ended: 17, isOpen: false },
      { name: 'files', begun: 20, ended: 22, isOpen: true },
    ])
  })

  test('whatever is broken in it', () => {
    const whole = [...disks, ...files].join('\n')
    for (let cut = 0; cut < whole.length; cut += 7) readTrace(whole.slice(0, cut))
    const torn = [
      ...disks.slice(0, 3),
      '{"ph":"X","cat":"st',
      ...disks.slice(3),
      'null',
      '{}',
      '{"ph":"X"}',
      '7',
    ].join('\n')
    expect(readTrace(torn)).toEqual(readTrace(disks.join('\n')))
    for (const text of ['', '[', 'GIF89a', '{"ph":"E","cat":"step","name":"x","pid":1,"tid":0,"ts":1}'])
      expect(readTrace(text)).toEqual([])
  })
})

describe('blame', () => {
  const processes = readTrace([...disks, ...files].join('\n'))

  test('gives every operation its own time, not that of what lies in it; a fetch has that of its requests', () => {
    const times = blame(processes).map(({ stage, name, ownSeconds }) => [
      stage,
      name,
      Number(ownSeconds.toFixed(3)),
    ])
    expect(times).toEqual([
      ['disks', 'mkfs "a<b"', 4],
      ['disks', 'creating a filesystem', 1.5],
      ['files', 'http://h/2', 1.5],
      ['files', 'http://h/1', 1],
      ['disks', 'starting', 0.1],
    ])
  })

  test('is printed with the total of each stage', () => {
    expect(formatBlame(processes, 2)).toBe(
      [
        '      4.000s  disks  mkfs "a<b"',
        '      1.500s  disks  creating a filesystem',
        '      2.600s  3 more',
        '',
        "      7.000s  disks  from 10.000s to 17.000s after the kernel's start",
        "      2.000s  files  from 20.000s to 22.000s after the kernel's start (has not ended)",
        '      9.000s  all stages',
        '',
      ].join('\n'),
    )
  })

  test.each([
    [0.0004, '0ms'],
    [0.345, '345ms'],
    [59.9, '59.900s'],
    [62.3456, '1min 2.346s'],
  ])('%f seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))
})

test('the picture has every stage and operation, in lanes, and is well-formed', () => {
  const svg = drawTrace(readTrace([...disks, ...files].join('\n')))
  expect(svg).toContain('mkfs &quot;a&lt;b&quot;')
  expect(svg).toMatch(/<text [^>]*>10 s<\/text>/)
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  const open: string[] = []
  for (const [, close, name = '', self] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name)
    else if (!self) open.push(name)
  }
  expect(open).toEqual([])
  const rows = new Set([...svg.matchAll(/<rect [^>]*y="(\d+)"[^>]*><title>http/g)].map(([, y]) => y))
  expect(rows.size).toBe(2)
})
