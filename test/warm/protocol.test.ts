import { expect, test } from 'vitest'
import { ended, outputLines, parseRequest, stageArgument } from '../../src/warm/protocol.ts'

test.each([
  ['1', 1],
  ['4194304', 4194304],
  ['', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1 ', undefined],
  ['1e3', undefined],
  ['12345678901', undefined],
  ['self', undefined],
])('a request is a process id: "%s"', (line, pid) => {
  expect(parseRequest(line)).toBe(pid)
})

test('every line of an output is marked, with or without an end of line', () => {
  expect(outputLines('err', 'a\nb\n')).toBe('err a\nerr b\n')
  expect(outputLines('out', 'a')).toBe('out a\n')
  expect(outputLines('out', 'exit 0\n\n')).toBe('out exit 0\nout \n')
})

test('an end is one line', () => {
  expect(ended(3)).toBe('exit 3\n')
})

test('the stage is that of the last argument that names one', () => {
  expect(stageArgument(['--root=/', '--stage=disks', '-stage=files', '--stages=no'])).toBe('files')
  expect(stageArgument(['--stage', 'disks'])).toBeUndefined()
})
