import { expect, test } from 'vitest'
import { untouchedMappings } from '../../src/system/program-pages.ts'

/** As the kernel writes it, with fewer lines for each mapping. */
const mapping = (range: string, permissions: string, { path = '/usr/bin/program', anonymous = 0 } = {}) =>
  `${range} ${permissions} 0042f000 fe:00 5472642                    ${path}\n` +
  `Size:              45420 kB\nRss:               22428 kB\nAnonymous:         ${String(anonymous).padStart(6)} kB\nVmFlags: rd ex mr\n`

test('finds code and constants of the program, and nothing that could be lost', () => {
  const smaps = [
    mapping('00400000-0082e000', 'r--p'),
    mapping('0082e000-03489000', 'r-xp'),
    mapping('072a7000-072dc000', 'r--p', { anonymous: 24 }),
    mapping('072dc000-0735a000', 'rw-p'),
    mapping('0735a000-0735b000', 'r--s'),
    '39c19000-3a1e4000 rw-p 00000000 00:00 0                                  [heap]\nAnonymous:       5816 kB\n',
    mapping('7f0000000000-7f0000001000', 'r-xp', { path: '/usr/lib/libc.so.6' }),
    '7f1000000000-7f1000001000 r-xp 00000000 00:00 0 \nAnonymous:          0 kB\n',
  ].join('')
  expect(untouchedMappings(smaps, '/usr/bin/program')).toEqual([
    { start: 0x400000n, end: 0x82e000n },
    { start: 0x82e000n, end: 0x3489000n },
  ])
  expect(untouchedMappings('', '/usr/bin/program')).toEqual([])
})
