import { expect, test } from 'vitest'
import { presetLines } from '../../../src/sections/units/preset.ts'
import { configOf } from '../../helpers/config-of.ts'

const lines = (units: Readonly<Record<string, boolean>>) =>
  presetLines(
    configOf({ systemd: { units: Object.entries(units).map(([name, enabled]) => ({ name, enabled })) } })
      .systemd.units,
  ).map(({ line }) => line)

test.each<[string, Readonly<Record<string, boolean>>, readonly string[]]>([
  ['nothing', {}, []],
  [
    'in the order of bytes, not of the config',
    { 'foo.service': true, 'bar.service': true, 'Zed.service': true, 'qux.service': false },
    ['enable Zed.service', 'enable bar.service', 'enable foo.service', 'disable qux.service'],
  ],
  [
    'the word behind the name counts too',
    { 'a.service': true, 'a.service-b.service': false },
    ['disable a.service-b.service', 'enable a.service'],
  ],
  [
    'characters beyond 16 bits come after the others',
    { '\u{1f600}.service': true, '\uffee.service': true },
    ['enable \uffee.service', 'enable \u{1f600}.service'],
  ],
  [
    'instances of a template share a line, in the order of the config',
    { 'echo@foo.service': true, 'x.service': true, 'echo@bar.service': true },
    ['enable echo@.service foo bar', 'enable x.service'],
  ],
  ['the template alone has an empty instance', { 'a@.service': true }, ['enable a@.service ']],
  [
    'also among others',
    { 'a@b.service': true, 'a@.service': true, 'a@c.service': true },
    ['enable a@.service b  c'],
  ],
  ['an instance with dots', { 'a@b.c.service': true }, ['enable a@.service b.c']],
  ['a second @ is part of the instance', { 'a@b@c.timer': true }, ['enable a@.timer b@c']],
  [
    'disabled instances stand for themselves',
    { 'a@b.service': false, 'a@c.service': false },
    ['disable a@b.service', 'disable a@c.service'],
  ],
])('%s', (_, units, expected) => {
  expect(lines(units)).toEqual(expected)
})
