import { expect, test } from 'vitest'
import { readUnitFile } from '../../src/spec/unit-file.ts'

test.each([
  ['', []],
  ['text before a section = ignored\n', []],
  ['[Install]', []],
  ['[Install]\nA=b', ['Install']],
  ['[Unit]\nA=b\n[Install]\n', ['Unit']],
  ['[ Install ]\nA=b', [' Install ']],
  ['noise [Unit]\nA=b', ['Unit']],
  ['noise # [No]\n[Unit]\n=b', ['Unit']],
  ['[Unit]  \u00a0\u0085\n\nA=b\\\n c\n', ['Unit']],
  ['# a \\ \n[No]\n[Unit]\nA=b', ['Unit']],
  ['[Unit]\r\nA=b\r\n', ['Unit']],
  ['[A\nB]\nA=b', ['A\nB']],
])('sections with options in %j', (text, sections) => {
  expect(readUnitFile(text)).toEqual({ kind: 'unit', sections: new Set(sections) })
})

const line = (length: number): string => 'x'.repeat(length)

test.each([
  ['[Unit', 'UNIT-SECTION-END'],
  ['[Unit] # why', 'UNIT-SECTION-GARBAGE'],
  ['[Unit]\ufeff', 'UNIT-SECTION-GARBAGE'],
  ['[Unit]\nA', 'UNIT-OPTION-EOF'],
  ['[Unit]\nA\n', 'UNIT-OPTION-NEWLINE'],
  ['[Unit]\nA=b\\\r\nc\r\n', 'UNIT-OPTION-NEWLINE'],
  [`[Unit]\nA=${line(2100)}\n`, 'UNIT-LINE-LONG'],
  [`[Unit]\nA=${line(2046)}`, 'UNIT-LINE-LONG'],
  [`[Unit]\n#${line(2100)}\n`, 'UNIT-LINE-LONG'],
  [`[Unit]\nA=b\\\n${line(2100)}\n`, 'UNIT-LINE-LONG'],
  [`é${line(3000)}`, 'UNIT-LINE-LONG'],
])('%#', (text, rule) => {
  expect(readUnitFile(text)).toMatchObject({ kind: 'fault', rule })
})

test.each([
  ['a line within the limit', `[Unit]\nA=${line(2040)}\n`],
  [
    'a long line of which less than the limit is in the buffer',
    `[Unit]\nB=${line(2020)}\nC=${line(20)}\nA=${line(2010)}${line(90)}\n`,
  ],
])('%s passes', (_, text) => {
  expect(readUnitFile(text)).toMatchObject({ kind: 'unit' })
})

test.each([
  ['[Unit]\nA=b\n[Install\n\n', 3],
  ['[Unit]\n[Install] x\n', 2],
  ['[Unit]\n\nA\nB=c', 3],
  ['[Unit]\n\nA', 3],
  [`[Unit]\nA=b\n#\n${line(2100)}`, 4],
])('%# says which line', (text, number) => {
  expect(readUnitFile(text)).toMatchObject({ kind: 'fault', line: number })
})
