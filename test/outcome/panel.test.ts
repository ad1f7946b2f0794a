import { describe, expect, test } from 'vitest'
import { IgnitionError } from '../../src/errors.ts'
import { failureOf } from '../../src/outcome/failure.ts'
import { formatPanel } from '../../src/outcome/panel.ts'

const fetching = new IgnitionError({
  code: 'FL_FETCH',
  message: 'GET http://127.0.0.1/app.conf: status 404',
  cause: new Error('not found'),
})

test('a panel says what failed, why, where in the config, and the way out', () => {
  const error = new IgnitionError({
    code: 'FL_FETCH',
    message: `cannot create file "/etc/app.conf": ${fetching.message}`,
    cause: fetching,
    place: {
      source: 'qemu',
      format: 'json',
      path: ['storage', 'files', 3, 'contents', 'source'],
      position: { line: 14, column: 9 },
      text: '"source": "http://127.0.0.1/app.conf"',
    },
  })
  error.step = 'writing file "/sysroot/etc/app.conf"'
  const failure = failureOf('files', error)
  expect(formatPanel(failure, 'journalctl -t ignition')).toBe(`files failed
  while:   writing file "/sysroot/etc/app.conf"
  why:     cannot create file "/etc/app.conf"
           GET http://127.0.0.1/app.conf: status 404
           not found
  config:  qemu, line 14, column 9: $.storage.files.3.contents.source
              14 | "source": "http://127.0.0.1/app.conf"
  code:    FL_FETCH: A resource could not be fetched.
  hint:    Check URL, network and server.
  more:    journalctl -t ignition
`)
})

test('what was found before the first change says so', () => {
  const error = new IgnitionError({ code: 'FL_FETCH', message: 'no' })
  expect(formatPanel(failureOf('disks', error))).not.toContain('as they were')
  error.isBeforeChange = true
  expect(formatPanel(failureOf('disks', error))).toContain('\n  disks:   as they were: nothing was changed\n')
})

const causes = (error: unknown) => failureOf('x', error).causes

describe('causes', () => {
  test('are told once each, whoever repeats them', () => {
    const inner = new Error('disk full')
    const middle = new Error('cannot write: disk full', { cause: inner })
    expect(causes(new Error('cannot do it: cannot write: disk full', { cause: middle }))).toEqual([
      'cannot do it',
      'cannot write',
      'disk full',
    ])
  })

  test('that an error has in its middle are not told again', () => {
    expect(causes(new Error('a (disk full) b', { cause: new Error('disk full') }))).toEqual([
      'a (disk full) b',
    ])
  })

  test('of several addresses are in one line', () => {
    expect(causes(new AggregateError([new Error('one'), new Error('two')]))).toEqual(['one; two'])
  })

  test('may be no error at all, or have no end', () => {
    const endless = new Error('again')
    endless.cause = endless
    expect(causes(endless)).toEqual(['again'])
    expect(causes('a word')).toEqual(['a word'])
  })
})

test('nothing in a panel moves the cursor', () => {
  const text = formatPanel(failureOf('x', new Error('a\u001b[2Jb\u0007\rc\u009b1m')))
  expect(text).toContain('a [2Jb  c 1m')
})

test('what is no error of ours is called a defect', () => {
  expect(failureOf('x', new TypeError('no')).code).toBe('FL_INTERNAL')
})
